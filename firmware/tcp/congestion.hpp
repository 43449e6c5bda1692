// How much may be in flight: slow start and recovery of RFC 5681, CUBIC (RFC 9438) in between, proportional
// rate reduction (RFC 6937) while losses are repaired.
//
// All quantities are bytes. The floating-point steps are the same on every machine that keeps to IEEE 754.
#pragma once

#include <cstdint>

#include "firmware/tcp/sequence_number.hpp"
#include "firmware/tcp/slow_start.hpp"

namespace postern::tcp {

enum class CongestionPhase : std::uint8_t {
  open,      // nothing known to be lost
  reduced,   // the path marked congestion (RFC 3168); nothing lost, the window is cut already
  recovery,  // losses seen by SACK or duplicate acknowledgments are being repaired
  loss,      // after a retransmission time-out
};

// RFC 9438
struct Cubic {
  float window_max;       // in segments, where the last reduction happened
  float window_estimate;  // in segments, what Reno would have (§4.3)
  float origin_time;      // K, in seconds
  std::uint64_t epoch;    // microseconds; 0: no epoch yet
};

// RFC 6937
struct Reduction {
  std::uint32_t flight_at_loss;
  std::uint32_t delivered;
  std::uint32_t sent;
};

// RFC 7661 §4.2: pipeACK, in the making; and where the window was what held us back.
struct PipeUse {
  SeqNumber round_start;
  SeqNumber round_end;
  std::uint32_t most = 0;
  SeqNumber filled_to;  // up to here was sent when the window last had no room for more
};

struct Congestion {
  static constexpr std::uint32_t kNoThreshold = 0x7fffffff;

  std::uint32_t window = 0;
  std::uint32_t threshold = kNoThreshold;
  SeqNumber recover;  // the phase ends when everything before this is acknowledged (RFC 6582)
  CongestionPhase phase = CongestionPhase::open;

  union {
    PipeUse use{};  // unless losses are being repaired
    Reduction prr;  // while they are
  };

  union {
    SlowStart slow_start{};  // until the first reduction
    Cubic cubic;             // from then on
  };

  // Data begin at `una`.
  void begin(SeqNumber una);
  // `acked` bytes were acknowledged while the window was what held us back. `paced`: bursts need no limit.
  void grow(std::uint32_t acked, std::uint32_t mss, std::uint32_t rtt_us, std::uint64_t now_us, bool paced);
  // True until the first loss or mark: what HyStart++ watches over (RFC 9406 §4.3).
  bool in_first_slow_start() const { return threshold == kNoThreshold; }
  // RFC 9406 §4.2: slow start has gone far enough.
  void end_slow_start();
  // The window is not what holds us back: CUBIC's clock stops (RFC 9438 §5.8).
  void pause_growth();
  // RFC 3168 §6.1.2: the path marked instead of dropping.
  void enter_reduced(SeqNumber end, std::uint32_t flight, std::uint32_t mss);
  void enter_recovery(SeqNumber end, std::uint32_t flight, std::uint32_t mss);
  void enter_loss(SeqNumber end, std::uint32_t flight, std::uint32_t mss);
  // While in recovery: `pipe` bytes are in flight after `bytes` more were delivered.
  void reduce(std::uint32_t bytes, std::uint32_t pipe, std::uint32_t mss);
  void leave_recovery(std::uint32_t mss);
  // The last reduction was for nothing.
  void restore(std::uint32_t window_before, std::uint32_t threshold_before);
  // Losses are being repaired.
  bool repairing() const { return phase == CongestionPhase::recovery || phase == CongestionPhase::loss; }
  // RFC 7661 §4.4.3: it was not used for minutes.
  void outlive(std::uint32_t initial_window);
  // RFC 7661 §4.2: the most that was acknowledged in one of the last round trips. SND.UNA is `una` now.
  void measure_use(SeqNumber una, SeqNumber next);
  // Data wait that the window has no room for; `next` is what they would begin with.
  void note_filled(SeqNumber next);
  // True for acknowledgments of what was on the way when the window was last full: RFC 9438 §5.8 lets only
  // these make it larger. A paced sender may have less in flight than the window when they arrive.
  bool was_filled(SeqNumber una) const { return !repairing() && una <= use.filled_to; }
  // RFC 7661 §4.3
  bool validated() const { return repairing() || use.most >= window / 2; }
  // Nothing was sent for longer than a time-out (RFC 5681 §4.1).
  void restart_after_idle(std::uint32_t initial_window);

 private:
  void reduce_threshold(std::uint32_t flight, std::uint32_t mss);
  void grow_cubic(std::uint32_t acked, std::uint32_t mss, std::uint32_t rtt_us, std::uint64_t now_us);
};

}  // namespace postern::tcp
