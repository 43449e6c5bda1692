// What differs: see the header.
#include "firmware/control/store/changes.hpp"

#include <algorithm>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control {

namespace {

const std::string* find(const ipc::SettingValues& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

bool is_secret(std::string_view name) {
  const auto* setting = ipc::find_setting(name);
  return setting == nullptr || setting->secret;  // a name nobody knows may be one
}

std::string masked_element(std::string_view element) {
  const auto blank = element.find(' ');
  return (blank == std::string_view::npos ? "" : std::string(element.substr(0, blank + 1))) +
         std::string(kMask);
}

}  // namespace

std::string shown(std::string_view name, const std::string& value) {
  if (!is_secret(name) || value.empty()) return value;
  std::vector<std::string> elements;
  for (const auto element : ipc::split_list(value)) elements.push_back(masked_element(element));
  return ipc::join_list(elements, std::string(1, ipc::kListSeparator));
}

std::string unmasked(std::string_view name, const std::string& value, const std::string& before) {
  if (!is_secret(name)) return value;
  const auto old = ipc::split_list(before);
  std::vector<std::string> elements;
  for (const auto element : ipc::split_list(value)) {
    const auto kept = std::find_if(old.begin(), old.end(), [&](std::string_view one) {
      return element.ends_with(kMask) && masked_element(one) == element;
    });
    elements.emplace_back(kept == old.end() ? element : *kept);
  }
  return ipc::join_list(elements, std::string(1, ipc::kListSeparator));
}

std::vector<std::string> changed_names(const ipc::SettingValues& from, const ipc::SettingValues& to) {
  std::vector<std::string> names;
  for (const auto& [name, value] : from) {
    const auto* after = find(to, name);
    if (after == nullptr || *after != value) names.push_back(name);
  }
  for (const auto& [name, value] : to) {
    if (find(from, name) == nullptr) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Change> compare(const ipc::SettingValues& from, const ipc::SettingValues& to) {
  std::vector<Change> changes;
  for (auto& name : changed_names(from, to)) {
    const auto* before = find(from, name);
    const auto* after = find(to, name);
    Change change{name, before ? shown(name, *before) : "", after ? shown(name, *after) : "",
                  before != nullptr, after != nullptr};
    // A secret that became another one shows the same mask twice: say that it changed.
    if (before && after && change.before == change.after) change.after = "(changed)";
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace postern::control
