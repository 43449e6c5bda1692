// How long to wait before a program that ended is started again: 1 s, doubling to 5 s, for
// every second without it keeps mail waiting; one that lived a minute starts from 1 s again.
#pragma once

#include <algorithm>

#include "platform/base/time.hpp"

namespace postern::control {

class Backoff {
 public:
  static constexpr Duration kFirst = std::chrono::seconds(1);
  static constexpr Duration kMost = std::chrono::seconds(5);
  static constexpr Duration kSteady = std::chrono::minutes(1);

  // The program lived that long: how long to wait now.
  Duration ended(Duration lived) {
    if (lived >= kSteady) next_ = kFirst;
    const Duration wait = next_;
    next_ = std::min(next_ * 2, kMost);
    return wait;
  }

 private:
  Duration next_ = kFirst;
};

}  // namespace postern::control
