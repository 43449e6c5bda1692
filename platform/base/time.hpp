// Instants and durations. Nothing here reads a clock: time is always an argument.
//
// `Instant` is monotonic and has no date; `WallTime` is UTC. `Now` carries both, read once per poll.
#pragma once

#include <chrono>
#include <cstdint>

namespace postern {

using Duration = std::chrono::nanoseconds;

struct MonotonicEpoch {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  static constexpr bool is_steady = true;
};

using Instant = std::chrono::time_point<MonotonicEpoch, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// An instant that never comes.
inline constexpr Instant kNever = Instant::max();

struct Now {
  Instant instant;
  WallTime wall;
};

using namespace std::chrono_literals;

}  // namespace postern
