// When data may leave: segments are spread over the round trip instead of leaving window by window.
//
//  - The rate is twice the window per smoothed round trip in slow start, 1.2 times afterwards: fast enough
//  that
//    the window stays the limit, slow enough that no queue on the path has to take a whole window at once.
//  - After a pause up to `pacing_burst` segments leave at once (an initial window of RFC 6928 §2); from then
//  on
//    two, or what a millisecond or 1/128 of the round trip is worth, so a fast connection is not woken for
//    every segment.
//  - `pace_at` is the instant from which data may leave. Credit for time that passed is kept up to the burst
//  and
//    no further. Acknowledgments, probes and first segments never wait.
#pragma once

#include <algorithm>

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

// How long the rate needs for `bytes`.
inline Duration pace_interval(const Connection& c, std::uint32_t bytes) {
  const Congestion& congestion = c.congestion;
  const bool repairing = congestion.phase == CongestionPhase::recovery;
  const std::uint64_t window = std::max(repairing ? congestion.threshold : 1u, congestion.window);
  const std::uint64_t work = std::uint64_t{bytes} * c.round_trip.smoothed * 1000;
  const bool slow_start = congestion.window < congestion.threshold && !repairing;
  return Duration{static_cast<Duration::rep>(slow_start ? work / (2 * window) : work * 5 / (6 * window))};
}

// Credit kept in the middle of a flow, as time; one segment more can leave at once.
inline Duration pace_credit(const Connection& c) {
  const Duration share = std::chrono::microseconds{c.round_trip.smoothed / 128};
  return std::max({Duration{1ms}, share, pace_interval(c, 2u * c.mss)}) - pace_interval(c, c.mss);
}

inline bool may_leave(const Core& core, const Connection& c, Instant now) {
  return c.pace_at <= now || !core.settings.pacing || c.round_trip.smoothed == 0;
}

// When a connection that waits is looked at again.
inline Instant pace_wake(const Connection& c) {
  return c.pace_at + std::max(pace_credit(c), Duration{0});
}

// `bytes` leave; `first`: after a pause, with nothing in flight. Called before `sent_at` is set.
inline void note_paced(const Core& core, Connection& c, std::uint32_t bytes, bool first, Instant now) {
  if (!core.settings.pacing || c.round_trip.smoothed == 0) return;
  const std::uint32_t burst = std::max<std::uint32_t>(core.settings.pacing_burst, 1) - 1;
  if (first) {
    c.pace_at = std::max(c.pace_at, now - std::max(pace_interval(c, burst * c.mss), pace_credit(c)));
  } else if (c.sent_at != now) {
    c.pace_at = std::max(c.pace_at, now - pace_credit(c));
  }
  c.pace_at += pace_interval(c, bytes);
}

}  // namespace postern::tcp
