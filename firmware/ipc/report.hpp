// report: how far the data plane is. Sent every second, and at once when something in it changes; control
// takes silence for trouble. refuse: a generation that cannot be taken.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

enum class Phase : std::uint8_t {
  waiting,   // for settings
  starting,  // memory, ports, recovery of the spool
  running,
  stopping,  // finishes sessions, takes no new ones
};
std::string_view text(Phase phase);

struct Report {
  Phase phase = Phase::waiting;
  std::uint64_t generation = 0;  // the newest one received
  std::uint32_t shards_at = 0;   // shards that run it
  std::uint32_t shards = 0;
  std::uint64_t outcomes_lost = 0;  // log lines that found their ring full
};

struct Refuse {
  std::uint64_t generation = 0;
  std::string reason;
};

std::vector<std::uint8_t> write(const Report& report);
std::optional<Report> read_report(Bytes body);
std::vector<std::uint8_t> write(const Refuse& refuse);
std::optional<Refuse> read_refuse(Bytes body);

}  // namespace postern::ipc
