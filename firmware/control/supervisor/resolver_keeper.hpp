// Keeps the resolver running and makes the memory it shares with the packet cores: new for each of its
// lives, given to the data plane once the resolver has filled it. Until then cores go on with what they had.
#pragma once

#include <functional>
#include <optional>

#include "firmware/control/supervisor/companion.hpp"
#include "firmware/ipc/resolver_report.hpp"
#include "firmware/ipc/settings_check.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::control {

// What a data plane is given: descriptors of the table, the lanes and the event.
struct PolicyMemory {
  std::uint64_t number = 0;
  std::uint32_t lanes = 0;
  process::Descriptor table;
  process::Descriptor lanes_memory;
  process::Descriptor event;
};

class ResolverKeeper {
 public:
  // `offer` is called whenever there is new memory to hand to the data plane.
  ResolverKeeper(Launcher launcher, std::string socket_path, std::function<void()> offer);

  // Of all settings, takes those that are the resolver's. A change starts it anew.
  void set(const ipc::SettingValues& values);
  // How many cores ask; a change starts it anew.
  void set_lanes(std::uint32_t lanes);
  // Nothing happens before it is known who asks, and how.
  void turn(Instant now) {
    if (known_ && lanes_ != 0) companion_.turn(now);
  }
  void stop() { companion_.stop(); }
  bool stopped() const { return companion_.stopped(); }

  // What the data plane should have now; null: nothing yet.
  const PolicyMemory* memory() const { return offered_ ? &*offered_ : nullptr; }
  const CompanionFacts& facts() const { return companion_.facts(); }
  const ipc::ResolverReport& report() const { return report_; }
  std::vector<int> descriptors() const { return companion_.descriptors(); }

 private:
  void on_line();
  bool on_message(const ipc::MessageView& message);
  Result<PolicyMemory, Fault> make_memory();

  std::function<void()> offer_;
  ipc::SettingValues values_;
  bool known_ = false;  // settings have been given
  std::uint32_t lanes_ = 0;
  std::uint64_t number_ = 0;
  std::optional<PolicyMemory> fresh_;    // of the life that is beginning
  std::optional<PolicyMemory> offered_;  // the last one that was ready
  ipc::ResolverReport report_;
  Companion companion_;
};

}  // namespace postern::control
