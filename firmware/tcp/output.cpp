#include "firmware/tcp/output.hpp"

#include "firmware/tcp/choice.hpp"
#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/pacing.hpp"
#include "firmware/tcp/path_mtu.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"
#include "firmware/tcp/undo.hpp"
#include "firmware/tcp/window.hpp"
#include "firmware/wire/checksum.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp {

namespace {

void seal(const Core& core, const wire::Flow& flow, MutableBytes segment, OutgoingSegment& out) {
  const auto length = static_cast<std::uint16_t>(segment.size());
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(flow.local.address, flow.remote.address, wire::kIpProtocolTcp, length);
  const std::uint16_t field = core.settings.checksum_offload
                                  ? wire::checksum_fold(pseudo)
                                  : wire::checksum_finish(wire::checksum_add(pseudo, segment));
  store_be16(segment.data() + wire::kTcpChecksumOffset, field);
  out = {flow.local.address, flow.remote.address, length, 0, core.settings.checksum_offload};
}

void emit_reply(Core& core, MutableBytes room, OutgoingSegment& out) {
  const Reply& reply = core.replies.front();
  const wire::TcpHeader header{reply.flow.local.port, reply.flow.remote.port,
                               reply.sequence.raw(),  reply.acknowledgment.raw(),
                               reply.flags,           reply.window};
  const std::size_t length = wire::write_tcp_header(room.data(), header, reply.options());
  seal(core, reply.flow, room.first(length), out);
  core.replies.pop();
}

// RFC 2883 §4: the duplicate first. RFC 2018 §4: then the range that what came last belongs to, then the ones
// that were told of before it.
void add_sack(Core& core, Connection& c, wire::TcpOptions& options) {
  if (!c.sack) return;
  const std::size_t most = c.timestamps ? 3 : 4;
  if (c.duplicate_seen) {
    options.sack[options.sack_count++] = {c.duplicate.start.raw(), c.duplicate.end.raw()};
    c.duplicate_seen = false;
  }
  if (c.receive_queue.range_count() == 0) return;
  std::array<SeqRange, 4> ranges;
  const std::size_t count =
      c.receive_queue.recent_ranges(core.chunks, std::span{ranges}.first(most - options.sack_count));
  for (std::size_t i = 0; i < count; ++i)
    options.sack[options.sack_count++] = {ranges[i].start.raw(), ranges[i].end.raw()};
}

wire::TcpOptions options_for(Core& core, Connection& c, Instant now) {
  wire::TcpOptions options;
  if (c.timestamps) {
    options.has_timestamps = true;
    options.timestamp = timestamp_clock(now) + c.timestamp_offset;
    options.timestamp_echo = c.timestamp_recent;
  }
  add_sack(core, c, options);
  // RFC 5482 §3.2: the SYN's may not have been kept, or come from a cookie.
  if (c.tell_user_timeout && c.queue_end() > c.send_next)
    options.user_timeout = user_timeout_option(core.settings);
  return options;
}

wire::TcpOptions syn_options(const Core& core, const Connection& c, Instant now) {
  const bool answer = c.state == ConnectionState::syn_received;
  wire::TcpOptions options;
  options.has_mss = true;
  options.mss = largest_mss(core.settings, c.flow.remote.address);
  options.has_timestamps = !answer || c.timestamps;
  options.timestamp = timestamp_clock(now) + c.timestamp_offset;
  options.timestamp_echo = answer ? c.timestamp_recent : 0;
  options.sack_permitted = !answer || c.sack;
  options.has_window_scale = !answer || c.receive_shift != 0 || c.send_shift != 0;
  options.window_scale = window_shift(core.settings);
  options.user_timeout = user_timeout_option(core.settings);
  return options;
}

// SYN, or SYN+ACK in a simultaneous open.
bool emit_syn(Core& core, Connection& c, MutableBytes room, OutgoingSegment& out, Instant now) {
  const bool first = c.send_next == c.send_first;
  if (!first && c.ledger.lost() == 0) return false;
  const bool answer = c.state == ConnectionState::syn_received;
  std::uint8_t flags = answer ? wire::kTcpSyn | wire::kTcpAck : wire::kTcpSyn;
  // RFC 3168 §6.1.1.1: a SYN that has to be repeated asks for nothing that the path may dislike.
  if (first && core.settings.ecn_request) flags |= wire::kTcpEce | wire::kTcpCwr;
  const wire::TcpHeader header{c.flow.local.port,
                               c.flow.remote.port,
                               c.send_first.raw(),
                               answer ? c.receive_next.raw() : 0,
                               flags,
                               static_cast<std::uint16_t>(first_window(core.settings))};
  const std::size_t length = wire::write_tcp_header(room.data(), header, syn_options(core, c, now));
  seal(core, c.flow, room.first(length), out);
  if (first) {
    c.send_next = c.send_first + 1;
    c.ledger.sent(core.chunks, c.send_first, c.send_next, micros(now));
  } else {
    c.ledger.resent(core.chunks, 0, 1, micros(now));
    ++c.retransmitted;
    ++core.counters.retransmitted;
  }
  c.ack_now = c.ack_later = false;
  if (c.retransmit_kind == RetransmitKind::off) restart_retransmission(core, c, now);
  return true;
}

constexpr std::uint8_t kEct0 = 2;  // RFC 3168 §5

std::uint8_t ecn_flags(Connection& c, bool new_data) {
  std::uint8_t flags = c.ecn_echo ? wire::kTcpEce : std::uint8_t{0};  // RFC 3168 §6.1.3
  if (c.ecn_cut && new_data) {                                        // §6.1.2
    flags |= wire::kTcpCwr;
    c.ecn_cut = false;
  }
  return flags;
}

// Brings the ledger and the timers up to date with what leaves.
void note_sent(Core& core, Connection& c, const Choice& choice, Instant now) {
  const SeqNumber end = choice.start + choice.count + (choice.fin ? 1 : 0);
  if (end == choice.start) return;
  const bool idle = c.ledger.empty();
  if (choice.kind == Choice::Kind::fresh) {
    c.send_next = end;
    c.tell_user_timeout = false;
    c.ledger.sent(core.chunks, choice.start, end, micros(now),
                  choice.mtu_probe ? Span::kProbe : std::uint8_t{0});
    if (choice.mtu_probe) probe_sent(core, c, choice.count);
    if (choice.fin) c.fin_sent = true;
  } else {
    ++c.retransmitted;
    ++core.counters.retransmitted;
    note_repeated(core, c, end.since(choice.start), timestamp_clock(now) + c.timestamp_offset);
    if (choice.kind == Choice::Kind::tail) {
      c.ledger.resent_tail(core.chunks, choice.start, micros(now));
    } else {
      c.ledger.resent(core.chunks, choice.span, end.since(choice.start), micros(now));
    }
  }
  note_paced(core, c, end.since(choice.start), idle, now);
  if (c.congestion.phase == CongestionPhase::recovery) c.congestion.prr.sent += end.since(choice.start);
  if (idle) c.progress_at = now;
  c.sent_at = now;
  if (idle || c.retransmit_kind == RetransmitKind::off) {
    restart_retransmission(core, c, now);
  } else if (choice.kind == Choice::Kind::fresh && c.retransmit_kind != RetransmitKind::reordering) {
    schedule_retransmission(core, c, now);
  }
}

void note_acknowledged(Connection& c) {
  c.last_ack_sent = c.receive_next;
  c.ack_now = c.ack_later = false;
  c.ack_at = kNever;
}

bool emit_segment(Core& core, Connection& c, MutableBytes room, OutgoingSegment& out, Instant now) {
  // In a simultaneous open the peer's SYN+ACK, and whatever is not acceptable, is answered with an
  // acknowledgment: it is what lets the peer establish (RFC 9293 §3.5).
  const bool bare_answer = c.state == ConnectionState::syn_received && c.ack_now && c.ledger.lost() == 0;
  if (c.is(ConnectionState::syn_sent | ConnectionState::syn_received) && !bare_answer)
    return emit_syn(core, c, room, out, now);
  const wire::TcpOptions options =
      c.timestamps || c.sack || c.tell_user_timeout ? options_for(core, c, now) : wire::TcpOptions{};
  const std::size_t header_bytes = wire::tcp_header_bytes(options);
  const std::size_t whole = std::min<std::size_t>(room.size(), c.mss + (c.timestamps ? 32u : 20u));
  core.payload_room = static_cast<std::uint32_t>(room.size() - header_bytes);
  const Choice choice = choose(core, c, static_cast<std::uint32_t>(whole - header_bytes), now);
  if (choice.kind == Choice::Kind::nothing) return false;
  std::uint8_t flags = wire::kTcpAck;
  if (choice.fin) flags |= wire::kTcpFin;
  if (choice.count > 0 && choice.start + choice.count == c.queue_end()) flags |= wire::kTcpPsh;
  const bool new_data = choice.kind == Choice::Kind::fresh && choice.count > 0 && !choice.probe;
  if (c.ecn) flags |= ecn_flags(c, new_data);
  const wire::TcpHeader header{
      c.flow.local.port,    c.flow.remote.port, choice.start.raw(), c.receive_next.raw(), flags,
      window_field(core, c)};
  const std::size_t at = wire::write_tcp_header(room.data(), header, options);
  c.send_queue.copy(core.chunks, choice.start.since(c.queue_start()), room.subspan(at, choice.count));
  seal(core, c.flow, room.first(at + choice.count), out);
  // RFC 3168 §6.1.4, §6.1.5, §6.1.6: not on acknowledgments, repetitions and window probes.
  if (c.ecn && new_data) out.ecn = kEct0;
  core.counters.bytes_out += choice.count;
  note_sent(core, c, choice, now);
  note_acknowledged(c);
  return true;
}

}  // namespace

bool emit(Core& core, MutableBytes room, OutgoingSegment& out, Instant now) {
  if (room.size() <= wire::kTcpHeaderMost) return false;
  if (!core.replies.empty()) {
    emit_reply(core, room, out);
    ++core.counters.segments_out;
    return true;
  }
  while (core.output_first != kNoSlot) {
    Connection& c = core.connections.at(core.output_first);
    core.drop_output(c);
    if (!emit_segment(core, c, room, out, now)) continue;
    want_output_if_any(core, c);
    ++core.counters.segments_out;
    return true;
  }
  return false;
}

void acknowledge_now(Core& core, Connection& c) {
  c.ack_now = true;
  core.want_output(c);
}

void acknowledge_later(Core& core, Connection& c, Instant now) {
  if (c.ack_later || c.ack_now) return;
  c.ack_later = true;
  c.ack_at = now + core.settings.delayed_ack;
  rearm(core, c);
}

void want_output_if_any(Core& core, Connection& c) {
  const bool more =
      c.ledger.lost() > 0 || c.queue_end() > c.send_next || (c.fin_queued && !c.fin_sent) || c.ack_now;
  if (more) core.want_output(c);
}

void consider_window_update(Core& core, Connection& c) {
  if (!c.is(kReceiving)) return;
  const SeqNumber possible = possible_edge(core, c);
  if (possible <= c.receive_edge) return;
  const std::uint32_t growth = possible.since(c.receive_edge);
  const std::uint32_t left = c.receive_edge > c.receive_next ? c.receive_edge.since(c.receive_next) : 0;
  // The peer is told where it could use it: half the window is used up, or nearly all.
  if (growth >= c.receive_limit / 2 || (left < 2u * c.mss && growth >= window_step(c)))
    acknowledge_now(core, c);
}

}  // namespace postern::tcp
