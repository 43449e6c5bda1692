// The command line of postern-dataplane.
#pragma once

#include <span>
#include <string>

#include "platform/base/result.hpp"

namespace postern::dataplane {

struct Options {
  std::string board = "generic-x86";                 // name or file
  std::string boards = "/usr/share/postern/boards";  // where named boards are looked up
  std::string socket = "/run/postern/dataplane.sock";
  bool help = false;
  bool version = false;
};

// Faults name the argument and what was expected.
Result<Options, Fault> parse_options(std::span<char* const> arguments);
// The text of --help.
std::string_view usage();

}  // namespace postern::dataplane
