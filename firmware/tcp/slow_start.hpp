// When slow start has gone far enough: HyStart++, RFC 9406. A round trip that grows while the window doubles
// means that a queue is filling; growth slows down to a quarter for some rounds, and if the round trip stays
// long, slow start ends without a loss.
#pragma once

#include <algorithm>
#include <cstdint>

#include "firmware/tcp/sequence_number.hpp"

namespace postern::tcp {

struct SlowStart {
  // RFC 9406 §4.2
  static constexpr std::uint32_t kLeastThreshold = 4'000;  // microseconds
  static constexpr std::uint32_t kMostThreshold = 16'000;
  static constexpr std::uint32_t kRttDivisor = 8;
  static constexpr std::uint8_t kSamples = 8;
  static constexpr std::uint32_t kGrowthDivisor = 4;
  static constexpr std::uint8_t kRounds = 5;
  static constexpr std::uint32_t kUnknown = 0xffffffff;

  SeqNumber round_end;
  std::uint32_t last_least = kUnknown;  // shortest round trip of the round before, microseconds
  std::uint32_t least = kUnknown;       // and of this one
  std::uint32_t baseline = kUnknown;    // when growth slowed down
  std::uint8_t samples = 0;
  std::uint8_t rounds = 0;    // left of conservative slow start; 0: not in it
  bool conservative = false;  // CSS

  std::uint32_t divisor() const { return conservative ? kGrowthDivisor : 1; }

  // An acknowledgment brought SND.UNA to `una`; `rtt` is the round trip it measured, 0 for none. True where
  // slow start is over.
  bool acknowledged(SeqNumber una, SeqNumber next, std::uint32_t rtt) {
    if (rtt != 0) {
      least = std::min(least, rtt);
      if (samples < 255) ++samples;
      look();
    }
    if (una < round_end) return false;
    round_end = next;  // RFC 9406 §4.2: a round ends when what was sent at its start is acknowledged
    last_least = least;
    least = kUnknown;
    samples = 0;
    return conservative && --rounds == 0;
  }

 private:
  void look() {
    if (samples < kSamples) return;
    if (conservative) {
      if (least < baseline) conservative = false;  // RFC 9406 §4.2: it was only jitter
      return;
    }
    if (last_least == kUnknown) return;
    const std::uint32_t threshold = std::clamp(last_least / kRttDivisor, kLeastThreshold, kMostThreshold);
    if (least < last_least + threshold) return;
    baseline = least;
    conservative = true;
    rounds = kRounds;
  }
};

}  // namespace postern::tcp
