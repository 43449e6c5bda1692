// Whether settings are right: all faults at once, each with the name, what is wrong and what would be right.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/ipc/settings_schema.hpp"

namespace postern::ipc {

// Only what was set; what is missing has its default. Lists are joined by kListSeparator.
using SettingValues = std::map<std::string, std::string, std::less<>>;

struct SettingFault {
  std::string name;   // of the setting
  std::string wrong;  // "is 99999"
  std::string right;  // "a whole number from 1 to 65535"
  bool fatal = true;  // false: works, but hardly as meant
  unsigned line = 0;  // of the file it came from; 0: not known
};

// Most bytes of one name and of one value (a list of a million recipients fits).
inline constexpr std::size_t kMostNameBytes = 128;
inline constexpr std::size_t kMostValueBytes = 64u << 20;

// One value against its row; empty: right.
std::string wrong_with(const Setting& setting, std::string_view value);
// Every value, every name, and what must fit together.
std::vector<SettingFault> check_settings(const SettingValues& values);
// The known name nearest to a mistyped one; empty: nothing near.
std::string nearest_setting(std::string_view name);
// "smtp.recipients is 5: it has to be a whole number from 100 to 100000"
std::string text_of(const SettingFault& fault);

}  // namespace postern::ipc
