// Is the box well? What the watchdog is fed by, and what makes a slot good.
//
// What always holds: a core that stands still is seen within half a minute; a slot is good only after a
// message of our own went through the data plane.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::init {

struct Pulse {
  bool answers = false;              // control answered
  bool running = false;              // the data plane says it runs
  std::vector<std::uint64_t> polls;  // of each packet core
};

// What control's answer to "status" says. Text that is no answer gives a Pulse without anything.
Pulse read_pulse(const std::string& answer);

// Decides whether the watchdog may be fed. Pure: the time is handed in. While control is silent, nothing is
// known of the cores, so only the silence counts.
class Heart {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kStandstill{30}, kSilence{90};

  explicit Heart(Clock::time_point now) : heard_(now), moved_(now) {}
  void take(const Pulse& pulse, Clock::time_point now);
  // Empty while all is well; else what is wrong.
  std::string trouble(Clock::time_point now) const;
  // Every core has moved since the start, and moves.
  bool beats() const { return beats_; }

 private:
  Clock::time_point heard_, moved_;
  std::vector<std::uint64_t> polls_;
  bool beats_ = false;
};

}  // namespace postern::init
