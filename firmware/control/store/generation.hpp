// One generation of the settings: all values that were set, and who set them when and why.
//
// As text it is one line with a checksum and one JSON document; what was cut, flipped or made up is refused
// as a whole, never read in part.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/ipc/settings_check.hpp"
#include "platform/base/result.hpp"

namespace postern::control {

struct Generation {
  std::uint64_t number = 0;
  std::uint64_t parent = 0;  // the one in force before
  std::uint32_t schema = 0;  // the version of the table that the values were written for
  std::uint64_t wall_ns = 0;
  std::string author;
  std::string source;  // cli, console, web, api, file, system
  std::string comment;
  std::vector<std::string> changed;    // names that differ from the parent's
  std::string imported;                // digest of the settings file that was taken in last; empty: none
  std::uint64_t confirm_until_ns = 0;  // has to be confirmed until then; 0: needs no confirmation
  bool confirmed = true;
  ipc::SettingValues values;

  bool waits() const { return confirm_until_ns != 0 && !confirmed; }
};

std::string write_generation(const Generation& generation);
Result<Generation, Fault> read_generation(std::string_view text);

// Names the values: equal ones have the same.
std::string digest_text(const ipc::SettingValues& values);

}  // namespace postern::control
