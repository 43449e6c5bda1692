// A watchdog: a clock that restarts the machine unless it is fed in time. When to feed it is others'
// business.
#pragma once

#include <chrono>
#include <string>

#include "platform/base/result.hpp"

namespace postern::watchdog {

class Watchdog {
 public:
  virtual ~Watchdog() = default;

  // Starts it, or changes its time; gives the time that the device took, which may be another.
  virtual Result<std::chrono::seconds, Fault> arm(std::chrono::seconds time) = 0;
  virtual Result<void, Fault> feed() = 0;
  // Stops it. A fault where the device cannot be stopped: then it has to be fed on.
  virtual Result<void, Fault> disarm() = 0;
  // The device's own name for itself.
  virtual std::string identity() const = 0;
  // Whether this start came from the watchdog.
  virtual bool fired() const = 0;
};

}  // namespace postern::watchdog
