// The settings file: TOML in, flat values and all faults out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/ipc/settings_check.hpp"

namespace postern::control {

struct LoadedSettings {
  ipc::SettingValues values;              // those that are right
  std::vector<ipc::SettingFault> faults;  // in the order of lines; warnings among them
  bool usable() const;                    // no fatal fault
};

// A file that cannot be read or is no TOML is one fault without a name.
LoadedSettings load_settings(const std::string& path);
LoadedSettings parse_settings(std::string_view toml);

// "settings.toml:12: smtp.recipients is ..."
std::string text_of(const ipc::SettingFault& fault, std::string_view file);

}  // namespace postern::control
