// The parts of the table of commands, and what its rows point to. For the table's own files.
#pragma once

#include <span>
#include <string>

#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

std::span<const Row> show_rows();
std::span<const Row> request_rows();
std::span<const Row> configure_rows();

// What goes with the question.
namespace ask {
Json running(const Arguments&);
Json candidate(const Arguments&);
Json generation(const Arguments&);
Json changes(const Arguments&);
Json history(const Arguments&);
Json value(const Arguments&);
Json name(const Arguments&);
Json commit(const Arguments&);
Json commit_confirmed(const Arguments&);
Json rescue_save(const Arguments&);
Json rescue_load(const Arguments&);
Json sure(const Arguments&);
Json source(const Arguments&);
Json lock(const Arguments&);
Json unlock(const Arguments&);
}  // namespace ask

// Answers as text; lines end in a line feed.
namespace view {
std::string version(const Json&, const Arguments&, Look);
std::string values(const Json&, const Arguments&, Look);
std::string described(const Json&, const Arguments&, Look);
std::string compare(const Json&, const Arguments&, Look);
std::string history(const Json&, const Arguments&, Look);
std::string state(const Json&, const Arguments&, Look);
std::string changed(const Json&, const Arguments&, Look);
std::string checked(const Json&, const Arguments&, Look);
std::string committed(const Json&, const Arguments&, Look);
std::string keys(const Json&, const Arguments&, Look);
std::string done(const Json&, const Arguments&, Look);
}  // namespace view

}  // namespace postern::control::console
