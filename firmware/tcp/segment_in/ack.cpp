// Fifth step: ACK. RFC 9293 §3.10.7.4 "Fifth, check the ACK field", RFC 5961 §5.2.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/recovery.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

// The peer takes data again after a closed window: the byte that probed it was not kept, and is sent as if
// new.
void window_opens(Core& core, Connection& c, Instant now) {
  c.round_trip.backoff = 0;
  if (c.send_next.since(c.send_una) == 1 && !c.ledger.empty()) {
    c.ledger.unsend(core.chunks, c.send_una);
    c.send_next = c.send_una;
    c.fin_sent = false;
  } else {
    c.ledger.lose_all(core.chunks);
  }
  restart_retransmission(core, c, now);
}

// How long a peer may keep its window closed is counted from the first time until it takes a segment's worth
// again; a byte now and then does not begin a new count (RFC 6429).
void note_stall(Core& core, Connection& c, Instant now) {
  const std::uint32_t enough = std::max(1u, std::min<std::uint32_t>(c.mss, c.most_send_window / 2));
  if (c.stalled && c.send_window >= enough) {
    c.stalled = false;
    --core.stalled;
  } else if (!c.stalled && c.send_window == 0) {
    c.stalled = true;
    c.stalled_second = second_of(now);
    ++core.stalled;
  }
}

// RFC 9293 §3.10.7.4: SND.WL1 and SND.WL2 keep old segments from setting an old window.
void update_window(Core& core, Connection& c, const Arrival& a) {
  const bool newer = c.window_seq < a.seq || (c.window_seq == a.seq && c.window_ack <= a.ack);
  if (!newer) return;
  const bool was_closed = c.send_window == 0;
  c.send_window = std::uint32_t{a.window} << c.send_shift;
  c.most_send_window = std::max(c.most_send_window, c.send_window);
  c.window_seq = a.seq;
  c.window_ack = a.ack;
  note_stall(core, c, a.now);
  if (was_closed && c.send_window > 0) window_opens(core, c, a.now);
  if (!was_closed && c.send_window == 0) restart_retransmission(core, c, a.now);
}

// Our FIN, which is the last thing we ever send, is acknowledged.
Verdict own_fin_acknowledged(Core& core, Connection& c, const Arrival& a) {
  switch (c.state) {
    case ConnectionState::fin_wait_1:
      c.state = ConnectionState::fin_wait_2;
      ++core.fin_waiting;
      if (core.fin_waiting > core.settings.fin_wait_connections) ++core.counters.fin_wait_crowded;
      c.progress_at = a.now;  // from here on: when the peer last sent something new
      c.idle_at = a.now + fin_wait_patience(core);
      rearm(core, c);
      return Verdict::goes_on;
    case ConnectionState::closing:
      enter_time_wait(core, c, a.now);
      return Verdict::done;
    case ConnectionState::last_ack:
      core.finish(c, a.now);
      return Verdict::done;
    default:
      return Verdict::goes_on;
  }
}

// RFC 9293 §3.10.7.4, SYN-RECEIVED: only a simultaneous open has a connection in this state.
Verdict complete_simultaneous_open(Core& core, Connection& c, const Arrival& a) {
  if (a.ack <= c.send_una || a.ack > c.send_next) {
    answer_with_reset(core, a);
    return Verdict::done;
  }
  acknowledgment_arrives(core, c, a);
  c.send_window = std::uint32_t{a.window} << c.send_shift;
  c.most_send_window = c.send_window;
  c.window_seq = a.seq;
  c.window_ack = a.ack;
  establish(core, c, EventKind::connected, a.now);
  if (c.fin_queued) c.state = ConnectionState::fin_wait_1;
  want_output_if_any(core, c);  // what was written and closed while it opened
  return Verdict::goes_on;
}

}  // namespace

Verdict check_ack(Core& core, Connection& c, Arrival& a) {
  if (!a.has(wire::kTcpAck)) return Verdict::done;
  if (c.state == ConnectionState::syn_received) return complete_simultaneous_open(core, c, a);
  // RFC 5961 §5.2: not older than the largest window we were given, not newer than what we sent.
  if (a.ack > c.send_next || a.ack < c.send_una - c.most_send_window) {
    ++core.counters.ack_out_of_range;
    challenge(core, c, a.now);
    return Verdict::done;
  }
  if (a.options.user_timeout != 0) hear_user_timeout(core, c, a.options.user_timeout);
  acknowledgment_arrives(core, c, a);
  update_window(core, c, a);
  if (c.send_window == 0)
    c.progress_at = a.now;  // RFC 9293 §3.8.6.1: as long as it answers it may stay closed
  want_output_if_any(core, c);
  if (c.fin_sent && c.send_una == c.send_next) return own_fin_acknowledged(core, c, a);
  return Verdict::goes_on;
}

}  // namespace postern::tcp
