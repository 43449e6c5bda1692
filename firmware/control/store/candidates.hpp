// What people are about to change, each for himself: nothing of it is in force.
//
// A candidate holds only what its owner touched, each with the value it had then. So two people do not undo
// each other's work, and who would overwrite what another committed meanwhile hears of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/ipc/settings_check.hpp"
#include "platform/base/time.hpp"

namespace postern::control {

struct Edit {
  std::optional<std::string> value;   // nothing: back to the default
  std::optional<std::string> before;  // in force when it was made
};

class Candidate {
 public:
  void set(const ipc::SettingValues& running, const std::string& name, std::optional<std::string> value);
  // Becomes what leads from `running` to `wanted`.
  void load(const ipc::SettingValues& running, const ipc::SettingValues& wanted);
  ipc::SettingValues applied_to(const ipc::SettingValues& running) const;
  // Edits of what somebody else changed since; those that want the same anyway are dropped.
  std::vector<std::string> overtaken(const ipc::SettingValues& running);
  std::size_t size() const { return edits_.size(); }
  const std::map<std::string, Edit>& edits() const { return edits_; }

  Instant touched{};

 private:
  std::map<std::string, Edit> edits_;
};

class Candidates {
 public:
  // Of whom nobody has heard for longest gives way to the 65th.
  static constexpr std::size_t kMost = 64;

  const Candidate* find(std::string_view owner) const;
  Candidate& of(const std::string& owner, Instant now);
  void discard(std::string_view owner);
  void clear() { all_.clear(); }

 private:
  std::map<std::string, Candidate, std::less<>> all_;
};

}  // namespace postern::control
