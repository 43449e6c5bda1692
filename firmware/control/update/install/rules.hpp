// Whether a box takes a bundle: pure, one line where it does not.
#pragma once

#include <string>

#include "firmware/control/update/bundle/manifest.hpp"

namespace postern::control::update {

struct Situation {
  std::string board;
  std::string version;       // what runs
  std::string floor;         // the oldest that may run; empty: anything
  bool allow_older = false;  // the operator wants to go back
};

Outcome<void> admit(const Manifest& manifest, const Situation& situation);

}  // namespace postern::control::update
