#include "firmware/tcp/congestion.hpp"

#include <algorithm>
#include <cmath>

namespace postern::tcp {

namespace {

constexpr float kBeta = 0.7F;                                     // RFC 9438 §4.6
constexpr float kC = 0.4F;                                        // RFC 9438 §5
constexpr float kAlpha = 3.0F * (1.0F - kBeta) / (1.0F + kBeta);  // RFC 9438 §4.3
constexpr std::uint32_t kSlowStartBurst = 8;                      // segments one acknowledgment may add
constexpr std::uint32_t kMostWindow = 1u << 30;

std::uint32_t bytes_of(float segments, std::uint32_t mss) {
  return static_cast<std::uint32_t>(
      std::min(segments * static_cast<float>(mss), static_cast<float>(kMostWindow)));
}

PipeUse unused_from(SeqNumber una) {
  return {una, una, 0, una - kMostWindow};
}

}  // namespace

void Congestion::grow(std::uint32_t acked, std::uint32_t mss, std::uint32_t rtt_us, std::uint64_t now_us,
                      bool paced) {
  if (window < threshold) {
    const std::uint32_t step = paced ? acked : std::min(acked, kSlowStartBurst * mss);  // RFC 9406 §4.2
    const std::uint32_t next = window + step / (in_first_slow_start() ? slow_start.divisor() : 1);
    window = std::min({next, threshold, kMostWindow});  // RFC 5681 §3.1: no further than the threshold
    return;
  }
  grow_cubic(acked, mss, rtt_us, now_us);
}

void Congestion::grow_cubic(std::uint32_t acked, std::uint32_t mss, std::uint32_t rtt_us,
                            std::uint64_t now_us) {
  const float segments = static_cast<float>(window) / static_cast<float>(mss);
  if (cubic.epoch == 0) {
    cubic.epoch = now_us;
    cubic.window_estimate = segments;
    cubic.window_max = std::max(cubic.window_max, segments);
    cubic.origin_time = std::cbrt((cubic.window_max - segments) / kC);  // RFC 9438 §4.2
  }
  const float t = static_cast<float>(now_us - cubic.epoch + rtt_us) / 1e6F;
  const float distance = t - cubic.origin_time;
  const float curve = kC * distance * distance * distance + cubic.window_max;
  const float target = std::clamp(curve, segments, 1.5F * segments);
  const float acked_segments = static_cast<float>(acked) / static_cast<float>(mss);
  const float alpha = cubic.window_estimate >= cubic.window_max ? 1.0F : kAlpha;  // RFC 9438 §4.3
  cubic.window_estimate += alpha * acked_segments / segments;
  const float next =
      std::max(segments + (target - segments) / segments * acked_segments, cubic.window_estimate);
  window = std::max(window, bytes_of(next, mss));
}

void Congestion::end_slow_start() {
  threshold = window;
  cubic = Cubic{};
}

void Congestion::pause_growth() {
  if (!in_first_slow_start()) cubic.epoch = 0;
}

void Congestion::reduce_threshold(std::uint32_t flight, std::uint32_t mss) {
  const float segments = static_cast<float>(window) / static_cast<float>(mss);
  if (in_first_slow_start()) cubic = Cubic{};
  // RFC 9438 §4.7: give way to newcomers where the window did not get back to where it was.
  cubic.window_max = segments < cubic.window_max ? segments * (1.0F + kBeta) / 2.0F : segments;
  // RFC 7661 §4.4.1: what was in use counts, not what was allowed.
  const std::uint32_t used = std::min(std::max(flight, repairing() ? 0u : use.most), window);
  threshold = std::max(static_cast<std::uint32_t>(static_cast<float>(used) * kBeta), 2 * mss);
  cubic.epoch = 0;
}

void Congestion::enter_reduced(SeqNumber end, std::uint32_t flight, std::uint32_t mss) {
  reduce_threshold(flight, mss);
  window = threshold;
  recover = end;
  phase = CongestionPhase::reduced;
}

void Congestion::enter_recovery(SeqNumber end, std::uint32_t flight, std::uint32_t mss) {
  // RFC 3168 §6.1.2: marks and losses of one round trip are one event.
  if (phase != CongestionPhase::reduced) reduce_threshold(flight, mss);
  recover = end;
  phase = CongestionPhase::recovery;
  prr = {std::max(flight, 1u), 0, 0};
}

void Congestion::enter_loss(SeqNumber end, std::uint32_t flight, std::uint32_t mss) {
  // RFC 5681 §3.1: a segment timing out again, or while its loss is being repaired, is the same event; the
  // threshold is not cut twice. What the window is during recovery says how far the repair got, not what the
  // path takes.
  if (!repairing()) reduce_threshold(flight, mss);
  recover = end;
  phase = CongestionPhase::loss;
  window = mss;
}

void Congestion::reduce(std::uint32_t bytes, std::uint32_t pipe, std::uint32_t mss) {
  prr.delivered += bytes;
  std::uint64_t allowed;
  if (pipe > threshold) {  // RFC 6937 §3
    const std::uint64_t share =
        (std::uint64_t{prr.delivered} * threshold + prr.flight_at_loss - 1) / prr.flight_at_loss;
    allowed = share > prr.sent ? share - prr.sent : 0;
  } else {
    const std::uint32_t owed = prr.delivered > prr.sent ? prr.delivered - prr.sent : 0;
    allowed = std::min(threshold - pipe, std::max(owed, bytes) + mss);
  }
  if (prr.sent == 0)
    allowed = std::max<std::uint64_t>(allowed, mss);  // the first retransmission always leaves
  window = static_cast<std::uint32_t>(std::min<std::uint64_t>(pipe + allowed, kMostWindow));
}

void Congestion::leave_recovery(std::uint32_t mss) {
  if (phase == CongestionPhase::recovery) window = std::max(threshold, 2 * mss);
  if (repairing()) use = unused_from(recover);
  phase = CongestionPhase::open;
}

void Congestion::begin(SeqNumber una) {
  slow_start.round_end = una;
  use = unused_from(una);
}

void Congestion::measure_use(SeqNumber una, SeqNumber next) {
  if (repairing() || una < use.round_end) return;
  use.most = std::max(una.since(use.round_start), use.most - use.most / 4);
  use.round_start = una;
  use.round_end = next;
  use.filled_to = later(use.filled_to, una - 1);  // never so far behind that it looks ahead
}

void Congestion::note_filled(SeqNumber next) {
  if (!repairing()) use.filled_to = next;
}

void Congestion::outlive(std::uint32_t initial_window) {
  threshold = std::max(threshold, window / 4 * 3);
  window = std::max(window / 2, initial_window);
  pause_growth();
}

void Congestion::restore(std::uint32_t window_before, std::uint32_t threshold_before) {
  window = std::max(window, window_before);
  threshold = threshold_before;
  if (repairing()) use = unused_from(recover);
  phase = CongestionPhase::open;
  if (in_first_slow_start()) {
    slow_start = SlowStart{};
    slow_start.round_end = recover;
  }
  pause_growth();
}

void Congestion::restart_after_idle(std::uint32_t initial_window) {
  window = std::min(window, initial_window);
  pause_growth();
}

}  // namespace postern::tcp
