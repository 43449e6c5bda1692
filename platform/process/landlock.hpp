// Which files and ports a process may still reach, beyond what its system calls allow. landlock(7).
//
// Holds for the calling thread and the threads it starts later: call it while there is one. It cannot be
// taken back. What is open already stays open.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::process {

struct Reach {
  std::vector<std::string>
      readable;  // files, or directories with all that is in them; missing ones are left out
  std::vector<std::string> writable;     // directories, with all that is in them
  std::vector<std::uint16_t> tcp_ports;  // to connect to; nothing can be bound
  bool any_tcp_port = false;             // TCP is not limited at all
};

enum class Reached : std::uint8_t { files_and_ports, files_only, nothing };

// From now on this process, and whatever it starts, executes these programs and no other (and the loader of
// dynamic programs). What a program reads and writes is not limited by that.
Result<Reached, Fault> limit_programs(std::span<const std::string> programs);

// How much of it this kernel can hold a process to. Faults: it can, but refuses.
Result<Reached, Fault> limit_reach(const Reach& reach);

}  // namespace postern::process
