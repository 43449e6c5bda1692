// The whole console of one terminal, without any I/O: bytes of keys, answers and time in; bytes for the
// screen and requests out. What it is made of, and who has the keys when.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/console/desk.hpp"
#include "firmware/control/console/login.hpp"
#include "firmware/control/console/menu.hpp"
#include "firmware/control/console/monitor.hpp"
#include "firmware/control/console/shell.hpp"
#include "firmware/control/console/watch.hpp"

namespace postern::control::console {

class Session {
 public:
  static constexpr Duration kIdle = std::chrono::minutes(15);

  explicit Session(Station station);

  // Shows the first screen.
  void begin(Instant now);
  void bytes(std::string_view bytes, Instant now);
  void answer(std::uint64_t ticket, const Json& answer) { desk_.answer(ticket, answer); }
  void output(std::uint64_t ticket, std::string_view bytes) { desk_.output(ticket, bytes); }
  void tick(Instant now, bool drained);
  // A line of somebody's log, or news: above what is being typed.
  void announce(std::string_view line) { desk_.announce(line); }
  void sized(std::size_t columns, std::size_t rows) { desk_.sized(columns, rows); }
  // The line was lost, or its speed has changed: whoever comes now is somebody else.
  void hang_up();
  void set_speed(unsigned baud) { station_.baud = baud; }

  std::string take_screen() { return desk_.take_screen(); }
  std::vector<Request> take_requests() { return desk_.take_requests(); }
  bool wants_output() const { return desk_.wants_output(); }
  bool logged_in() const { return in_; }

 private:
  void come_in(Person person);
  void go_out();

  Station station_;
  Desk desk_;
  Watch watch_;
  Login login_;
  Monitor monitor_;
  Shell shell_;
  Menu menu_;
  bool in_ = false;
  Instant came_{};
};

}  // namespace postern::control::console
