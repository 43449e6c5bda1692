// command: something to be done now, without an answer; what came of it shows in reports and counters.
#pragma once

#include <cstdint>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

enum class Verb : std::uint8_t {
  shut_down = 1,  // take no new sessions, finish, end
  hurry = 2,      // try every queued message now
};

struct Command {
  Verb verb = Verb::hurry;
};

std::vector<std::uint8_t> write(const Command& command);
std::optional<Command> read_command(Bytes body);

}  // namespace postern::ipc
