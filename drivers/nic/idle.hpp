// When a packet core that finds nothing to do may sleep, and for how long.
//
// Holds: a core that had work in one of its last `empty_polls` polls never sleeps. Sleeps double from `first`
// to `longest` and never pass the next deadline; one poll with work starts over. A core whose ports all have
// a wait descriptor is woken by the first frame; otherwise a frame waits for the rest of the sleep, `longest`
// at most.
#pragma once

#include <poll.h>

#include <array>
#include <cstdint>
#include <span>

#include "drivers/nic/port.hpp"
#include "platform/base/counters.hpp"
#include "platform/base/time.hpp"

namespace postern::nic {

#define POSTERN_IDLE_COUNTERS(X)                                                 \
  X(sleeps, "times the core slept")                                              \
  X(slept_nanoseconds, "time the core slept")                                    \
  X(woken_by_frame, "sleeps that a frame ended")                                 \
  X(late_nanoseconds, "time the kernel let the core sleep longer than it asked") \
  X(longest_late_nanoseconds, "the longest such delay")
POSTERN_DEFINE_COUNTERS(IdleCounters, POSTERN_IDLE_COUNTERS);

struct IdleSettings {
  bool may_sleep = true;
  std::uint32_t empty_polls = 512;  // in a row, before the first sleep
  Duration first = 5us;
  Duration longest = 200us;
};

class IdleGovernor {
 public:
  static constexpr std::size_t kMostPorts = 16;

  // `ports` are those this core polls.
  explicit IdleGovernor(const IdleSettings& settings, std::span<Port* const> ports = {});

  // Call once per poll: sleeps if it is time to. `worked`: the poll found something to do. `deadline`: when
  // the core has to be awake again.
  void after_poll(bool worked, Instant now, Instant deadline) {
    if (const auto span = decide(worked, now, deadline); span > Duration::zero()) sleep(span);
  }

  // The decision alone: how long to sleep now, zero for polling on.
  Duration decide(bool worked, Instant now, Instant deadline);
  const IdleCounters& counters() const { return counters_; }
  bool wakes_by_frame() const { return descriptor_count_ > 0; }

 private:
  void sleep(Duration span);

  IdleSettings settings_;
  IdleCounters counters_;
  std::uint32_t empty_ = 0;
  Duration next_;
  std::array<pollfd, kMostPorts> descriptors_{};
  std::size_t descriptor_count_ = 0;
};

}  // namespace postern::nic
