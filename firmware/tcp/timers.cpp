#include "firmware/tcp/timers.hpp"

#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/calls.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/pacing.hpp"
#include "firmware/tcp/path_mtu.hpp"
#include "firmware/tcp/recovery.hpp"

namespace postern::tcp {

namespace {

constexpr int kCrowded = 16;  // patience is divided by it where too many want some

// What the application still waits for from the peer, in the state the connection is in.
Duration patience(const Core& core, const Connection& c) {
  const bool opening = c.is(ConnectionState::syn_sent | ConnectionState::syn_received);
  if (opening) return core.settings.connect_timeout;
  return c.user_timeout != 0 ? Duration{1s} * c.user_timeout : core.settings.user_timeout;
}

bool anything_to_send(const Connection& c) {
  return c.queue_end() > c.send_next || (c.fin_queued && !c.fin_sent);
}

// RFC 8985 §7.2: only where SACK would tell what the probe finds out, and nothing is being repaired.
bool may_probe_tail(const Connection& c) {
  return c.sack && c.is(kSending) && c.congestion.phase == CongestionPhase::open && !c.tail_probe_out &&
         c.ledger.sacked() == 0 && c.ledger.lost() == 0 && c.round_trip.smoothed != 0 &&
         c.round_trip.backoff == 0;
}

// RFC 8985 §7.2: two round trips; one segment alone may be waiting for a delayed acknowledgment.
Duration tail_probe_time(const Connection& c) {
  constexpr Duration kDelayedAck = 200ms;
  constexpr Duration kLeast = 2ms;
  const Duration two = std::chrono::microseconds{2ull * c.round_trip.smoothed};
  const bool alone = c.send_next.since(c.send_una) <= c.mss;
  return std::max(two, kLeast) + (alone ? kDelayedAck : Duration{0});
}

bool give_up(const Core& core, const Connection& c, Instant now) {
  return now - c.progress_at >= patience(core, c) || (c.retransmit_kind == RetransmitKind::timeout &&
                                                      c.round_trip.backoff >= core.settings.retransmissions);
}

// RFC 6429: a peer that answers every probe and takes nothing may be waited for, but not without end, and
// less where many do so.
bool stalled_too_long(const Core& core, const Connection& c, Instant now) {
  if (!c.stalled || core.settings.zero_window == Duration{0}) return false;
  const bool crowded = core.stalled > core.settings.zero_window_connections;
  const Duration most = core.settings.zero_window / (crowded ? kCrowded : 1);
  return Duration{1s} * static_cast<std::uint16_t>(second_of(now) - c.stalled_second) >= most;
}

void retransmission_fires(Core& core, Connection& c, Instant now) {
  const RetransmitKind kind = c.retransmit_kind;
  if (give_up(core, c, now)) {
    ++core.counters.timed_out;
    reset_peer(core, c);
    return core.end(c, EventKind::timed_out);
  }
  if (kind == RetransmitKind::persist && stalled_too_long(core, c, now)) {
    ++core.counters.zero_window_expired;
    reset_peer(core, c);
    return core.end(c, EventKind::timed_out);
  }
  stop_retransmission(c);
  switch (kind) {
    case RetransmitKind::off:
      return;
    case RetransmitKind::reordering:
      return reordering_timeout(core, c, now);
    case RetransmitKind::timeout:
      retransmission_timeout(core, c, now);
      return consider_black_hole(core, c, now);
    case RetransmitKind::tail_probe:
      c.tail_probe_now = c.tail_probe_out = true;  // out already: the timer that follows is the long one
      break;
    case RetransmitKind::persist:
      c.probe_now = true;
      if (c.round_trip.backoff < 255) ++c.round_trip.backoff;
      break;
  }
  restart_retransmission(core, c, now);
  core.want_output(c);
}

// Keepalive: RFC 9293 §3.8.4.
void keepalive_fires(Core& core, Connection& c, Instant now) {
  const Instant due =
      c.heard_at + core.settings.keepalive_idle + c.keepalives * core.settings.keepalive_interval;
  if (now < due) {
    c.idle_at = due;
    return;
  }
  if (c.keepalives >= core.settings.keepalive_probes) {
    ++core.counters.keepalive_expired;
    reset_peer(core, c);
    return core.end(c, EventKind::timed_out);
  }
  ++c.keepalives;
  ++core.counters.keepalives_out;
  c.keepalive_now = true;
  c.idle_at = now + core.settings.keepalive_interval;
  core.want_output(c);
}

// A write was short for lack of common memory, which no acknowledgment of this connection will bring back.
void retry_write(Core& core, Connection& c, Instant now) {
  if (!c.wants_room) return;
  if (room_to_write(core, c) == 0) {
    c.idle_at = now + kMemoryRetry;
    return;
  }
  c.wants_room = false;
  core.post(c, EventKind::writable);
}

void idle_fires(Core& core, Connection& c, Instant now) {
  c.idle_at = kNever;
  if (c.detached) {
    ++core.counters.unread_dropped;
    c.receive_queue.clear(core.chunks);
    return core.end(c, EventKind::closed);
  }
  if (c.state != ConnectionState::fin_wait_2) return keepalive_fires(core, c, now);
  const Instant due =
      std::min(c.heard_at + fin_wait_patience(core), c.progress_at + core.settings.fin_wait_longest);
  if (now < due) {
    c.idle_at = due;
    return;
  }
  ++core.counters.fin_wait_expired;
  core.end(c, EventKind::timed_out);
}

void connection_fires(Core& core, Connection& c, Instant now) {
  c.timer_at = kNever;
  if (c.retransmit_at <= now) retransmission_fires(core, c, now);
  if (c.ended) return;
  if (c.ack_at <= now) {
    c.ack_at = kNever;
    ++core.counters.delayed_acks;
    if (c.ack_later) acknowledge_now(core, c);
  }
  if (c.paced && pace_wake(c) <= now) {
    c.paced = false;
    core.want_output(c);
  }
  if (c.idle_at <= now) {
    idle_fires(core, c, now);
    if (!c.ended) retry_write(core, c, now);
  }
  if (!c.ended) rearm(core, c);
}

void half_open_fires(Core& core, std::uint32_t slot, Instant now) {
  HalfOpen& record = core.half_open.at(slot);
  if (record.repeats >= core.settings.syn_ack_retries) {
    ++core.counters.half_open_expired;
    return forget_half_open(core, slot);
  }
  ++record.repeats;
  repeat_syn_ack(core, record, now);
  core.wheel.arm(record.timer, now + core.settings.initial_rto * (1 << std::min<int>(record.repeats, 6)));
}

}  // namespace

Duration fin_wait_patience(const Core& core) {
  const bool crowded = core.fin_waiting > core.settings.fin_wait_connections;
  return core.settings.fin_wait_2 / (crowded ? kCrowded : 1);
}

void rearm(Core& core, Connection& c) {
  Instant first = std::min({c.retransmit_at, c.ack_at, c.idle_at});
  if (c.paced) first = std::min(first, pace_wake(c));
  if (first >= c.timer_at) return;
  c.timer_at = first;
  core.wheel.arm(c.timer, first);
}

void stop_retransmission(Connection& c) {
  c.retransmit_kind = RetransmitKind::off;
  c.retransmit_at = kNever;
}

void restart_retransmission(Core& core, Connection& c, Instant now) {
  c.timeout_from = now;
  schedule_retransmission(core, c, now);
}

void schedule_retransmission(Core& core, Connection& c, Instant now) {
  stop_retransmission(c);
  const bool opening = c.is(ConnectionState::syn_sent | ConnectionState::syn_received);
  const bool blocked = c.ledger.empty() ? anything_to_send(c) : c.send_window == 0 && !opening;
  if (c.ledger.empty() && !blocked) return;
  c.retransmit_kind = blocked ? RetransmitKind::persist : RetransmitKind::timeout;
  c.retransmit_at = c.timeout_from + c.round_trip.timeout(core.settings);
  if (!blocked && may_probe_tail(c) && now + tail_probe_time(c) < c.retransmit_at) {
    c.retransmit_kind = RetransmitKind::tail_probe;
    c.retransmit_at = now + tail_probe_time(c);
  }
  c.retransmit_at = std::min(c.retransmit_at, std::max(c.progress_at + patience(core, c), now));
  rearm(core, c);
}

void timer_fires(Core& core, OwnedTimer& timer, Instant now) {
  if (timer.owner.kind() == RecordKind::half_open) return half_open_fires(core, timer.owner.slot(), now);
  connection_fires(core, core.connections.at(timer.owner.slot()), now);
}

void expire_time_wait(Core& core, Instant now, std::size_t limit) {
  for (; limit > 0 && !core.time_wait.empty(); --limit) {
    const std::uint32_t slot = core.time_wait.first();
    const TimeWait& record = core.time_wait.at(slot);
    if (record.live && record.until > now) return;
    forget_time_wait(core, slot);
    core.time_wait.drop_first();
  }
}

}  // namespace postern::tcp
