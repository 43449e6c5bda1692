// An outcome from the ring as JSON. Texts in it come from outside: they are cut at their zero, and what is
// not UTF-8 or is a control character is replaced.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "firmware/ipc/outcome.hpp"

namespace postern::control {

nlohmann::ordered_json outcome_json(const ipc::Outcome& outcome);
// "2026-01-31T12:00:00.123Z"
std::string time_text(std::uint64_t wall_ns);

}  // namespace postern::control
