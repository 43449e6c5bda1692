// What people are about to change: see the header.
#include "firmware/control/store/candidates.hpp"

#include <algorithm>

#include "firmware/control/store/changes.hpp"

namespace postern::control {

namespace {

std::optional<std::string> value_in(const ipc::SettingValues& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

void Candidate::set(const ipc::SettingValues& running, const std::string& name,
                    std::optional<std::string> value) {
  auto before = value_in(running, name);
  if (value == before) {
    edits_.erase(name);
  } else {
    edits_.insert_or_assign(name, Edit{std::move(value), std::move(before)});
  }
}

void Candidate::load(const ipc::SettingValues& running, const ipc::SettingValues& wanted) {
  edits_.clear();
  for (const auto& name : changed_names(running, wanted)) set(running, name, value_in(wanted, name));
}

ipc::SettingValues Candidate::applied_to(const ipc::SettingValues& running) const {
  auto values = running;
  for (const auto& [name, edit] : edits_) {
    if (edit.value) {
      values[name] = *edit.value;
    } else {
      values.erase(name);
    }
  }
  return values;
}

std::vector<std::string> Candidate::overtaken(const ipc::SettingValues& running) {
  std::erase_if(edits_,
                [&](const auto& entry) { return value_in(running, entry.first) == entry.second.value; });
  std::vector<std::string> names;
  for (const auto& [name, edit] : edits_) {
    if (value_in(running, name) != edit.before) names.push_back(name);
  }
  return names;
}

const Candidate* Candidates::find(std::string_view owner) const {
  const auto found = all_.find(owner);
  return found == all_.end() ? nullptr : &found->second;
}

Candidate& Candidates::of(const std::string& owner, Instant now) {
  if (all_.size() >= kMost && all_.find(owner) == all_.end()) {
    all_.erase(std::min_element(all_.begin(), all_.end(), [](const auto& a, const auto& b) {
      return a.second.touched < b.second.touched;
    }));
  }
  auto& candidate = all_[owner];
  candidate.touched = now;
  return candidate;
}

void Candidates::discard(std::string_view owner) {
  if (const auto found = all_.find(owner); found != all_.end()) all_.erase(found);
}

}  // namespace postern::control
