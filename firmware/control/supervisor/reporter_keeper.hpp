// Keeps the reporter running, and sees that it hears of every session once.
//
// Sessions are numbered; what the reporter has not reported safe is kept and said again to its next life. A
// reporter that stays away costs the oldest sessions (counted), never memory without end and never mail.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "firmware/control/supervisor/companion.hpp"
#include "firmware/ipc/outcome.hpp"
#include "firmware/ipc/reporting.hpp"
#include "firmware/ipc/settings_check.hpp"

namespace postern::control {

class ReporterKeeper {
 public:
  static constexpr std::size_t kMostKept = 16384;

  // `run` tells this life of control from others.
  ReporterKeeper(Launcher launcher, std::string socket_path, std::uint64_t run);

  // Of all settings, takes those that are the reporter's. A change starts it anew.
  void set(const ipc::SettingValues& values);
  // Takes those outcomes that are sessions.
  void add(const std::vector<ipc::Outcome>& outcomes);
  void turn(Instant now);
  void stop() { companion_.stop(); }
  bool stopped() const { return companion_.stopped(); }

  const CompanionFacts& facts() const { return companion_.facts(); }
  std::uint64_t lost() const { return lost_; }
  std::uint64_t waiting() const { return kept_.size(); }
  std::vector<int> descriptors() const { return companion_.descriptors(); }

 private:
  void on_line();
  bool on_message(const ipc::MessageView& message);
  void tell();

  std::uint64_t run_;
  ipc::SettingValues values_;
  bool known_ = false;
  std::deque<ipc::Outcome> kept_;  // not reported safe; the first one's number is first_
  std::uint64_t first_ = 1;
  std::uint64_t told_ = 0;  // up to which number this life was told
  std::uint64_t lost_ = 0;
  Companion companion_;
};

}  // namespace postern::control
