// The command line of postern-console.
#pragma once

#include <span>
#include <string>

#include "platform/base/result.hpp"

namespace postern::control::console {

struct Options {
  std::string run_directory = "/run/postern";
  std::string tty;
  std::string baud;
  std::string accounts = "/var/lib/postern/console.passwords";
  std::string admin_directory = "/var/lib/postern/admin";
  std::string program;
  std::string known_as;
  bool physical = false;
  bool help = false;
  bool version = false;
};

std::string_view usage();
Result<Options, Fault> parse_options(std::span<char* const> arguments);

}  // namespace postern::control::console
