// An answer to our SYN. RFC 9293 §3.10.7.3.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/recovery.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

// The other end holds an old connection with our ports: the RST ends it, and our SYN is sent again at once, a
// single time, instead of after the time-out.
void refuse_old_acknowledgment(Core& core, Connection& c, const Arrival& a) {
  ++core.counters.ack_out_of_range;
  if (a.has(wire::kTcpRst)) return;
  answer_with_reset(core, a);
  if (c.round_trip.backoff != 0 || c.retransmitted != 0) return;
  c.ledger.lose_all(core.chunks);
  core.want_output(c);
}

void adopt_syn(Core& core, Connection& c, const Arrival& a) {
  Handshake shake = read_syn(core, a);
  shake.flow = c.flow;
  shake.own_first = c.send_first;
  shake.timestamp_offset = c.timestamp_offset;
  adopt_handshake(core, c, shake, a.now);
  c.send_window = a.window;  // RFC 7323 §2.2: never scaled in a SYN
  c.most_send_window = c.send_window;
  c.window_seq = a.seq;
  c.window_ack = a.ack;
}

void simultaneous_open(Core& core, Connection& c, Arrival& a) {
  adopt_syn(core, c, a);
  c.state = ConnectionState::syn_received;
  c.ledger.lose_all(core.chunks);  // the SYN leaves again, now with ACK
  core.want_output(c);
}

}  // namespace

void arrives_in_syn_sent(Core& core, Connection& c, Arrival& a) {
  const bool ack = a.has(wire::kTcpAck);
  if (ack && (a.ack <= c.send_first || a.ack > c.send_next)) return refuse_old_acknowledgment(core, c, a);
  if (a.has(wire::kTcpRst)) {
    if (!ack) return;  // RFC 9293 §3.10.7.3: an RST without an acceptable ACK is dropped
    ++core.counters.resets_in;
    return core.end(c, EventKind::reset);
  }
  if (!a.has(wire::kTcpSyn)) return;
  if (!ack) return simultaneous_open(core, c, a);
  adopt_syn(core, c, a);
  // RFC 3168 §6.1.1: both flags back are a peer that copies what it does not know. And no SYN of ours may
  // have left without them.
  c.ecn = core.settings.ecn_request && a.has(wire::kTcpEce) && !a.has(wire::kTcpCwr) && c.retransmitted == 0;
  if (c.ecn) ++core.counters.ecn_agreed;
  acknowledgment_arrives(core, c, a);
  establish(core, c, EventKind::connected, a.now);
  acknowledge_now(core, c);
  want_output_if_any(core, c);
  // RFC 9293 §3.10.7.3: data and FIN in the SYN+ACK go on at the seventh step.
  a.seq += 1;
  a.flags &= static_cast<std::uint8_t>(~wire::kTcpSyn);
  if (!a.payload.empty()) take_text(core, c, a);
  if (!c.ended) take_fin(core, c, a);
}

void adopt_handshake(Core& core, Connection& c, const Handshake& shake, Instant now) {
  c.receive_first = shake.peer_first;
  c.receive_next = c.last_ack_sent = shake.peer_first + 1;
  c.receive_edge = c.receive_next + first_window(core.settings);
  c.receive_limit = std::max(first_window(core.settings),
                             std::min(core.settings.first_window, core.settings.receive_buffer));
  c.timestamps = shake.timestamps;
  c.sack = shake.sack;
  c.timestamp_recent = shake.timestamp_recent;
  c.timestamp_offset = shake.timestamp_offset;
  c.timestamp_recent_second = static_cast<std::uint32_t>(now.time_since_epoch() / 1s);
  c.send_shift = shake.scaling ? shake.peer_shift : std::uint8_t{0};
  c.receive_shift = shake.scaling ? window_shift(core.settings) : std::uint8_t{0};
  hear_user_timeout(core, c, shake.user_timeout);
  c.tell_user_timeout = user_timeout_option(core.settings) != 0;
  c.peer_mss = shake.peer_mss;
  if (c.path_mss == 0) c.path_mss = largest_mss(core.settings, c.flow.remote.address);
  update_mss(c);
  c.congestion.window = initial_window(core.settings, c.mss);
}

void establish(Core& core, Connection& c, EventKind kind, Instant now) {
  c.state = ConnectionState::established;
  if (c.retransmitted > 0) c.round_trip.cautious = true;
  if (c.round_trip.cautious) c.congestion.window = c.mss;  // RFC 5681 §3.1: a SYN was lost
  c.progress_at = c.heard_at = c.sent_at = now;
  c.idle_at = now + core.settings.keepalive_idle;
  rearm(core, c);
  c.congestion.begin(c.send_una);
  c.validated_second = second_of(now);
  ++core.counters.established;
  core.post(c, kind);
}

}  // namespace postern::tcp
