// Where the console runs, and who sits there.
#pragma once

#include <string>

#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

struct Station {
  bool physical = false;  // the board's own UART: whoever types stands at the box
  std::string line;       // "ttyS0"
  unsigned baud = 0;      // 0: no serial line
  std::string known_as;   // somebody else has made sure who this is (ssh, root on a terminal)
};

struct Person {
  std::string name;
  Role role = Role::none;
};

inline Role role_of(const std::string& name) {
  if (name == "owner") return Role::owner;
  if (name == "operator") return Role::operates;
  if (name == "auditor") return Role::auditor;
  return name == "helpdesk" || name == "help_desk" ? Role::help_desk : Role::none;
}

}  // namespace postern::control::console
