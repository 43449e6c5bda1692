// A watchdog in memory, with a clock that the test turns.
#pragma once

#include "drivers/watchdog/watchdog.hpp"

namespace postern::watchdog {

class MemoryWatchdog : public Watchdog {
 public:
  explicit MemoryWatchdog(std::chrono::seconds most = std::chrono::seconds(120)) : most_(most) {}

  Result<std::chrono::seconds, Fault> arm(std::chrono::seconds time) override {
    time_ = std::min(time, most_);
    armed_ = true;
    fed_ = now_;
    return time_;
  }
  Result<void, Fault> feed() override {
    if (!armed_) return fault("the watchdog is not armed");
    fed_ = now_;
    return {};
  }
  Result<void, Fault> disarm() override {
    armed_ = false;
    return {};
  }
  std::string identity() const override { return "memory"; }
  bool fired() const override { return fired_; }

  // Time goes by; a hungry watchdog fires.
  void pass(std::chrono::seconds time) {
    now_ += time;
    if (armed_ && now_ - fed_ > time_) fired_ = true;
  }

 private:
  std::chrono::seconds most_;
  std::chrono::seconds time_{};
  std::chrono::seconds now_{};
  std::chrono::seconds fed_{};
  bool armed_ = false;
  bool fired_ = false;
};

}  // namespace postern::watchdog
