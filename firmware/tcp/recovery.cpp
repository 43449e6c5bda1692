#include "firmware/tcp/recovery.hpp"

#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/path_mtu.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"
#include "firmware/tcp/undo.hpp"

namespace postern::tcp {

namespace {

constexpr std::uint8_t kDuplicateThreshold = 3;  // RFC 5681 §3.2

// Takes what is acknowledged out of the send queue.
void advance_una(Core& core, Connection& c, SeqNumber ack) {
  const SeqNumber start = c.queue_start();
  const std::uint32_t data = ack > start ? std::min(ack.since(start), c.send_queue.size()) : 0;
  c.send_queue.pop(core.chunks, data);
  c.send_una = ack;
  if (c.wants_room && data > 0) {
    c.wants_room = false;
    core.post(c, EventKind::writable);
  }
}

// RFC 2883 §4: the first block reports what arrived twice.
bool is_duplicate_report(const Arrival& a) {
  const SeqNumber start{a.options.sack[0].start};
  const SeqNumber end{a.options.sack[0].end};
  if (end <= a.ack) return true;
  return a.options.sack_count > 1 && SeqNumber{a.options.sack[1].start} <= start &&
         end <= SeqNumber{a.options.sack[1].end};
}

// RFC 8985 §6.2 step 4: a duplicate means that we were too quick; be slower, at most once per round trip.
void widen_reordering_window(Core& core, Connection& c) {
  ++core.counters.duplicates_reported;
  if (c.send_una < c.reorder_round) return;
  c.reorder_round = c.send_next;
  c.reorder_persist = 16;
  if (c.reorder_windows < 255) ++c.reorder_windows;
}

bool take_sack_blocks(Core& core, Connection& c, const Arrival& a, Delivery& delivery) {
  if (!c.sack || a.options.sack_count == 0) return false;
  const bool duplicate = is_duplicate_report(a);
  for (std::size_t i = duplicate ? 1 : 0; i < a.options.sack_count; ++i) {
    const SeqNumber start{a.options.sack[i].start};
    const SeqNumber end{a.options.sack[i].end};
    if (start < c.send_una || start >= end || end > c.send_next) {
      ++core.counters.sack_nonsense;
      continue;
    }
    c.ledger.take_sack(core.chunks, start, end, delivery);
  }
  if (!duplicate) return false;
  widen_reordering_window(core, c);
  duplicate_reported(core, c, SeqNumber{a.options.sack[0].start}, SeqNumber{a.options.sack[0].end});
  return true;
}

// RFC 6298 §3 (Karn), RFC 7323 §4: from a segment sent once, else from the echoed timestamp. Returns the
// first kind in microseconds, zero where there is none.
std::uint32_t sample_round_trip(Connection& c, const Arrival& a, const Delivery& delivery) {
  if (delivery.sample_sent != 0 && !delivery.ambiguous) {
    const auto rtt =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(delivery.now - delivery.sample_sent, 60'000'000));
    c.round_trip.sample(rtt);
    return std::max(rtt, 1u);
  }
  if (delivery.acked > 0 && c.timestamps && a.options.has_timestamps && a.options.timestamp_echo != 0) {
    const std::uint32_t ms = timestamp_clock(a.now) + c.timestamp_offset - a.options.timestamp_echo;
    if (ms < 60'000) c.round_trip.sample(std::max(ms, 1u) * 1000);
  }
  return 0;
}

// RFC 5681 §2: without SACK, this is how a hole is heard of.
bool is_duplicate_ack(const Connection& c, const Arrival& a) {
  return a.ack == c.send_una && a.length() == 0 && !c.ledger.empty() &&
         (std::uint32_t{a.window} << c.send_shift) == c.send_window;
}

// Without SACK: each duplicate says that one segment left the network.
std::uint32_t count_duplicate(Connection& c) {
  if (c.duplicate_acks < 255) ++c.duplicate_acks;
  const std::uint32_t out = c.send_next.since(c.send_una);
  const std::uint32_t most = out > c.mss ? out - c.mss : 0;
  const std::uint32_t more = std::min<std::uint32_t>(c.mss, most > c.reno_sacked ? most - c.reno_sacked : 0);
  c.reno_sacked += more;
  if (c.duplicate_acks == kDuplicateThreshold && !c.congestion.repairing()) return c.mss;
  return more;
}

// Without SACK: an advance takes the segments the duplicates stood for with it; in recovery it is a partial
// one and names the next loss (RFC 6582 §3.2). Returns the bytes it delivers that no duplicate stood for.
std::uint32_t advance_without_sack(Core& core, Connection& c, std::uint32_t acked) {
  c.duplicate_acks = 0;
  const bool partial = c.congestion.phase == CongestionPhase::recovery && c.send_una < c.congestion.recover;
  const std::uint32_t counted = std::min(acked > c.mss ? acked - c.mss : 0, c.reno_sacked);
  c.reno_sacked = partial ? c.reno_sacked - counted : 0;
  if (partial && c.ledger.lost() == 0) c.ledger.lose_front(core.chunks, c.mss);
  return acked - counted;
}

// RFC 8985 §6.2 step 4
std::uint32_t reordering_window(const Connection& c) {
  const bool certain = c.congestion.repairing() || c.ledger.sacked() >= 3u * c.mss;
  if (!c.reordering && certain) return 0;
  if (c.round_trip.least == RoundTrip::kUnknown) return 1000;
  return std::min(c.reorder_windows * (c.round_trip.least / 4), c.round_trip.smoothed);
}

void remember_rack(Connection& c, const Delivery& delivery) {
  if (delivery.out_of_order) c.reordering = true;
  if (!delivery.has_rack) return;
  const bool younger = delivery.rack_sent > c.rack_sent ||
                       (delivery.rack_sent == c.rack_sent && delivery.rack_end > c.rack_end);
  if (!younger) return;
  c.rack_sent = delivery.rack_sent;
  c.rack_end = delivery.rack_end;
  c.rack_round_trip =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(delivery.now - delivery.rack_sent, 60'000'000));
}

// RFC 8985 §6.2 step 5
void detect_losses(Core& core, Connection& c, Instant now) {
  if (!c.sack || c.rack_sent == 0 || c.ledger.empty()) return;
  const std::uint64_t patience = std::uint64_t{c.rack_round_trip} + reordering_window(c);
  const std::uint64_t wait = c.ledger.lose_older(core.chunks, c.rack_sent, c.rack_end, patience, micros(now));
  if (wait == 0) return;
  c.retransmit_kind = RetransmitKind::reordering;
  c.retransmit_at = now + std::chrono::microseconds{wait};
  rearm(core, c);
}

void start_recovery(Core& core, Connection& c) {
  ++core.counters.recoveries;
  remember_for_undo(core, c);
  c.congestion.enter_recovery(c.send_next, c.send_next.since(c.send_una), c.mss);
  if (c.reorder_persist > 0 && --c.reorder_persist == 0) c.reorder_windows = 1;
}

// RFC 4821 §7.5: the loss of a probe alone tells about its size and nothing about congestion. So does a
// packet that a router said was too large.
bool losses_are_innocent(Core& core, Connection& c, Instant now) {
  if (c.mtu_probe != 0 && c.ledger.lost_probe(core.chunks) > 0) {
    probe_lost(core, c, now);
    c.innocent = true;
  }
  return c.innocent;
}

// RFC 3168 §6.1.2: as for a loss, at most once per round trip; the peer is told with the next new data.
void path_marked(Core& core, Connection& c, std::uint32_t flight) {
  ++core.counters.ecn_reductions;
  c.congestion.enter_reduced(c.send_next, flight, c.mss);
  c.ecn_cut = true;
}

// RFC 9406 §4.2
void watch_slow_start(const Core& core, Connection& c, std::uint32_t rtt) {
  if (!core.settings.hystart || !c.congestion.in_first_slow_start()) return;
  if (c.congestion.slow_start.acknowledged(c.send_una, c.send_next, rtt)) c.congestion.end_slow_start();
}

// The phase the acknowledgment ends, and what it does to the window otherwise.
void move_window(Core& core, Connection& c, const Delivery& delivery, std::uint32_t flight_before,
                 std::uint32_t delivered, const Arrival& a) {
  Congestion& congestion = c.congestion;
  if (c.ledger.lost() == 0) c.innocent = false;
  if (delivery.acked > 0) congestion.measure_use(c.send_una, c.send_next);
  if (congestion.validated()) c.validated_second = second_of(a.now);
  bool repaired = false;
  if (congestion.phase != CongestionPhase::open && c.send_una >= congestion.recover) {
    repaired = congestion.phase != CongestionPhase::loss;  // RFC 6582 §3.2: to the threshold, no further
    congestion.leave_recovery(c.mss);
    c.reno_sacked = 0;
    c.duplicate_acks = 0;
  }
  if (congestion.phase == CongestionPhase::recovery)
    return congestion.reduce(delivered, c.in_flight(), c.mss);
  if (c.ledger.lost() > 0 && !congestion.repairing() && !losses_are_innocent(core, c, a.now)) {
    start_recovery(core, c);
    return congestion.reduce(delivered, c.in_flight(), c.mss);
  }
  const bool echoed = a.has(wire::kTcpEce) && !a.has(wire::kTcpSyn);  // in a SYN+ACK it agrees to ECN
  if (c.ecn && echoed && congestion.phase == CongestionPhase::open)
    return path_marked(core, c, flight_before);
  const bool held = repaired || congestion.phase == CongestionPhase::reduced || holds_repairs(c);
  if (delivery.acked == 0 || held) return;
  // RFC 9438 §5.8, RFC 7661 §4.3 in short: a window that was not used says nothing about the path. In slow
  // start, paced at twice the window, it is full only at the end of a round: half of it has to do.
  const bool slow_start = congestion.window < congestion.threshold;
  const bool used = congestion.was_filled(c.send_una) || flight_before + 2u * c.mss > congestion.window ||
                    (slow_start && flight_before > congestion.window / 2);
  if (used) {
    congestion.grow(delivery.acked, c.mss, c.round_trip.smoothed, delivery.now, core.settings.pacing);
  } else {
    congestion.pause_growth();
  }
}

// RFC 8985 §7.4: the probe's answer. A repaired loss is a loss; a duplicate report says that there was none.
// An acknowledgment of just the probed tail may answer the first sending: what follows will tell.
void settle_tail_probe(Core& core, Connection& c, const Arrival& a, bool duplicate, bool advanced) {
  if (!c.tail_probe_out || a.ack < c.tail_probe_end) return;
  const bool both_arrived = duplicate || (!advanced && a.options.sack_count == 0);  // RFC 8985 §7.4.2
  const bool settled = !c.tail_probe_resent || both_arrived || c.congestion.phase != CongestionPhase::open;
  if (!settled && a.ack == c.tail_probe_end) return;
  c.tail_probe_out = false;
  if (settled) return;
  ++core.counters.tail_losses;
  c.congestion.enter_recovery(c.send_next, std::max<std::uint32_t>(c.congestion.window, c.mss), c.mss);
  c.congestion.leave_recovery(c.mss);
}

}  // namespace

void acknowledgment_arrives(Core& core, Connection& c, const Arrival& a) {
  if (a.ack == c.send_una && a.options.sack_count == 0 && c.ledger.empty()) return;
  Delivery delivery;
  delivery.now = micros(a.now);
  delivery.min_rtt = c.round_trip.least == RoundTrip::kUnknown ? 0 : c.round_trip.least;
  delivery.sent_before = c.congestion.recover;
  const std::uint32_t flight_before = c.in_flight();
  const bool advanced = a.ack > c.send_una;
  // RFC 6582 §3.2: what answers segments from before a time-out says nothing about those sent after it.
  const bool counts = !c.sack && c.congestion.phase != CongestionPhase::loss;
  const bool repeated = counts && !advanced && is_duplicate_ack(c, a);
  if (advanced) {
    c.ledger.acknowledge(core.chunks, a.ack, delivery);
    advance_una(core, c, a.ack);
    c.progress_at = a.now;
    c.round_trip.backoff = 0;
  }
  const bool duplicate = take_sack_blocks(core, c, a, delivery);
  const std::uint32_t rtt = sample_round_trip(c, a, delivery);
  if (advanced) watch_slow_start(core, c, rtt);
  remember_rack(c, delivery);
  std::uint32_t delivered = delivery.delivered;
  if (!c.sack && advanced) delivered = advance_without_sack(core, c, delivery.acked);
  if (repeated) delivered = count_duplicate(c);
  if (repeated && c.duplicate_acks == kDuplicateThreshold && !c.congestion.repairing()) {
    c.ledger.lose_front(core.chunks, c.mss);
  }
  settle_tail_probe(core, c, a, duplicate, advanced);
  if (advanced) look_at_echo(core, c, a);
  look_after_timeout(core, c, delivery, advanced);
  if (delivery.probe) probe_arrived(core, c, a.now);
  if (advanced || delivery.newly_sacked) restart_retransmission(core, c, a.now);
  detect_losses(core, c, a.now);
  move_window(core, c, delivery, flight_before, delivered, a);
}

void reordering_timeout(Core& core, Connection& c, Instant now) {
  restart_retransmission(core, c, now);
  detect_losses(core, c, now);
  if (c.ledger.lost() == 0) return;
  if (!c.congestion.repairing() && !losses_are_innocent(core, c, now)) {
    start_recovery(core, c);
    c.congestion.reduce(0, c.in_flight(), c.mss);
  }
  core.want_output(c);
}

void retransmission_timeout(Core& core, Connection& c, Instant now) {
  ++core.counters.timeouts;
  // RFC 2018 §8: the peer may have taken back what it reported.
  if (!c.ledger.empty() && c.ledger.spans(core.chunks).front().is(Span::kSacked))
    c.ledger.forget_sacks(core.chunks);
  if (c.mtu_probe != 0) probe_lost(core, c, now);
  c.innocent = false;
  remember_for_undo(core, c);
  // RFC 5682 §2.1 step 1: not where the same segment times out again.
  const bool first = c.undo_armed && c.round_trip.backoff == 0 && !c.congestion.repairing();
  c.frto = first && c.is(kSynchronized) ? Frto::first_ack : Frto::off;
  c.congestion.enter_loss(c.send_next, c.send_next.since(c.send_una), c.mss);
  c.reno_sacked = 0;
  c.duplicate_acks = 0;
  c.tail_probe_out = false;
  c.ledger.lose_all(core.chunks);
  if (c.round_trip.backoff < 255) ++c.round_trip.backoff;
  restart_retransmission(core, c, now);
  core.want_output(c);
}

}  // namespace postern::tcp
