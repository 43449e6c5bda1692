// The few figures that people look at first, each made of counters by name: one table.
//
// A counter that does not exist (any more) counts as zero; a test holds the table against the rooms.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/cli/invocation.hpp"

namespace postern::control::cli {

struct Figure {
  std::string_view name;
  std::string_view counters;  // "room.counter room.counter": added up
};

std::span<const Figure> figures();

// `counters` as the "counters" of an answer.
std::uint64_t figure(const Json& counters, std::string_view name);
std::uint64_t counter(const Json& counters, std::string_view room, std::string_view name);
// The values of one counter by shard.
std::vector<std::uint64_t> by_shard(const Json& counters, std::string_view room, std::string_view name);

struct Refusal {
  std::string room;
  std::string name;
  std::string meaning;
  std::uint64_t count = 0;
};
// Everything refused, closed or failed so far, most frequent first.
std::vector<Refusal> refusals(const Json& counters);
std::uint64_t refused_in_all(const Json& counters);

}  // namespace postern::control::cli
