// What differs between two sets of values, and how values are shown: secrets never in clear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/ipc/settings_check.hpp"

namespace postern::control {

struct Change {
  std::string name;
  std::string before;  // as shown; empty: not set
  std::string after;
  bool was_set = false;
  bool is_set = false;
};

inline constexpr std::string_view kMask = "(set)";

// As it may be shown. Of a list of secrets "NAME SECRET" the names stay: "anna (set)".
std::string shown(std::string_view name, const std::string& value);
// The opposite: what a face sends back unchanged of a secret keeps the value it stands for.
std::string unmasked(std::string_view name, const std::string& value, const std::string& before);

std::vector<std::string> changed_names(const ipc::SettingValues& from, const ipc::SettingValues& to);
std::vector<Change> compare(const ipc::SettingValues& from, const ipc::SettingValues& to);

}  // namespace postern::control
