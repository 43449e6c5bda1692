// Who are you? By password; at the box itself without one as long as there is none, and a way back in for
// whoever stands before the box and has forgotten it.
//
// Failures cost time (1, 2, 4 ... 30 seconds) but never lock anybody out. Nothing secret is echoed or kept.
#pragma once

#include <functional>
#include <string>

#include "firmware/control/console/banner.hpp"
#include "firmware/control/console/desk.hpp"
#include "firmware/control/console/station.hpp"

namespace postern::control::console {

class Login {
 public:
  Login(Desk& desk, const Station& station, std::function<void(Person)> in)
      : desk_(desk), station_(station), in_(std::move(in)) {}

  // Shows the first screen and asks.
  void begin();
  void tick(Instant now);

  // A new password, twice; `then` hears whether it was set. Only at the box itself.
  void reset_password(const std::string& name, std::function<void()> then);
  void new_password(const std::string& name, bool second_factor, std::function<void()> then);

 private:
  void gather(int step);
  void ask_name();
  void named(const std::string& name);
  void ask_password(const std::string& name);
  void refused();
  void first_boot();
  void claim(const std::string& typed);
  void recover();

  Desk& desk_;
  const Station& station_;
  std::function<void(Person)> in_;
  BannerFacts facts_;
  bool passwords_ = true;
  unsigned failures_ = 0;
  Instant wait_until_{};
  bool waiting_ = false;
};

}  // namespace postern::control::console
