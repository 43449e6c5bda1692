// Round-trip estimates and the retransmission time-out. RFC 6298, in microseconds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "firmware/tcp/settings.hpp"
#include "platform/base/time.hpp"

namespace postern::tcp {

struct RoundTrip {
  static constexpr std::uint32_t kUnknown = 0xffffffff;

  std::uint32_t smoothed = 0;  // 0: no sample yet
  std::uint32_t variation = 0;
  std::uint32_t least = kUnknown;
  std::uint8_t backoff = 0;  // doublings of the time-out (RFC 6298 §5.5)
  bool cautious = false;     // the handshake timed out: data begin with a long time-out

  void sample(std::uint32_t rtt) {
    rtt = std::clamp(rtt, 1u, 60'000'000u);
    least = std::min(least, rtt);
    if (smoothed == 0) {  // RFC 6298 §2.2
      smoothed = rtt;
      variation = rtt / 2;
      return;
    }
    const std::uint32_t error = rtt > smoothed ? rtt - smoothed : smoothed - rtt;
    variation = variation - variation / 4 + error / 4;  // RFC 6298 §2.3, beta = 1/4
    smoothed = smoothed - smoothed / 8 + rtt / 8;       // alpha = 1/8
    smoothed = std::max(smoothed, 1u);
  }

  // The time-out without back-off.
  Duration base(const Settings& settings) const {
    // RFC 6298 §5.7
    if (smoothed == 0) return cautious ? std::max(settings.initial_rto, Duration{3s}) : settings.initial_rto;
    const Duration value = std::chrono::microseconds{smoothed} + std::chrono::microseconds{4ull * variation};
    return std::clamp(value, settings.minimum_rto, settings.maximum_rto);
  }
  Duration timeout(const Settings& settings) const {
    const Duration value = base(settings);
    return backoff > 16 || value > settings.maximum_rto / (1 << backoff) ? settings.maximum_rto
                                                                         : value * (1 << backoff);
  }
};

inline std::uint64_t micros(Instant now) {
  return static_cast<std::uint64_t>(now.time_since_epoch().count()) / 1000;
}

}  // namespace postern::tcp
