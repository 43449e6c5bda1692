// What somebody at the console is told without asking: settings that changed or went back, a commit that
// waits for confirmation, mail that stopped, new warnings. Pure; it asks the door every few seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "firmware/control/console/desk.hpp"

namespace postern::control::console {

class Watch {
 public:
  static constexpr Duration kEvery = std::chrono::seconds(3);

  explicit Watch(Desk& desk) : desk_(desk) {}
  void begin();
  void end() { on_ = false; }
  void tick(Instant now);
  // What this console changes itself is no news to it.
  void own_change() { own_ = true; }
  // Minutes until settings go back; nothing: none wait.
  std::optional<std::uint64_t> minutes_left() const { return minutes_; }

 private:
  void state(const Json& answer);
  void status(const Json& answer);
  void confirmation(const Json& answer);
  void countdown(std::uint64_t seconds);
  void announcements(const Json& answer);
  void tell_generation(std::uint64_t generation);

  Desk& desk_;
  bool on_ = false;
  bool asking_ = false;
  bool own_ = false;
  Instant next_{};
  std::uint64_t running_ = 0;
  std::uint64_t waiting_ = 0;  // generation that has to be confirmed
  std::optional<std::uint64_t> minutes_;
  std::set<std::string> said_;  // the store's own announcements
  std::string dataplane_;
  bool first_ = true;
  std::set<std::string> warnings_;
};

}  // namespace postern::control::console
