// First step: is any of it in the window? RFC 9293 §3.10.7.4 "First, check sequence number", PAWS (RFC 7323
// §5).
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

namespace {

// RFC 7323 §5.5: after 24 days of silence TS.Recent says nothing any more.
constexpr std::uint32_t kTimestampLifetime = 24 * 24 * 3600;

std::uint32_t seconds(Instant now) {
  return static_cast<std::uint32_t>(now.time_since_epoch() / 1s);
}

bool timestamp_is_older(const Connection& c, const Arrival& a) {
  if (static_cast<std::int32_t>(a.options.timestamp - c.timestamp_recent) >= 0) return false;
  return seconds(a.now) - c.timestamp_recent_second < kTimestampLifetime;
}

bool timestamp_is_old(const Connection& c, const Arrival& a) {
  return c.timestamps && a.options.has_timestamps && !a.has(wire::kTcpRst) && timestamp_is_older(c, a);
}

// RFC 9293 §3.10.7.4, table 6, with the window as the peer was told it.
bool acceptable(const Connection& c, const Arrival& a) {
  const SeqNumber edge = later(c.receive_edge, c.receive_next);
  const std::uint32_t length = a.length();
  if (length == 0) return a.seq >= c.receive_next && (a.seq < edge || a.seq == c.receive_next);
  if (edge == c.receive_next) return false;
  return a.seq < edge && a.end() > c.receive_next;
}

// RFC 2883 §4: what of it was here before is told to the peer once.
void note_duplicate(Connection& c, const Arrival& a) {
  const SeqNumber end = earlier(a.seq + static_cast<std::uint32_t>(a.payload.size()), c.receive_next);
  if (!c.sack || end <= a.seq) return;
  c.duplicate = {a.seq, end};
  c.duplicate_seen = true;
}

// Cuts off what was received before and what lies beyond the window. A segment with SYN stays whole: it ends
// at check_syn().
void trim(const Connection& c, Arrival& a) {
  if (a.has(wire::kTcpSyn)) return;
  if (a.seq < c.receive_next) {
    const std::uint32_t before = c.receive_next.since(a.seq);
    a.payload = a.payload.subspan(std::min<std::size_t>(before, a.payload.size()));
    a.seq = c.receive_next;
  }
  if (a.end() <= c.receive_edge || a.length() == 0) return;
  a.flags &= static_cast<std::uint8_t>(~wire::kTcpFin);
  const std::uint32_t room = c.receive_edge.since(a.seq);
  if (a.payload.size() > room) a.payload = a.payload.first(room);
}

// An acknowledgment for a segment nobody wants, unless it carries RST. Empty ones are answered at a limited
// rate, or two confused ends would answer each other for ever (RFC 5961 §7).
Verdict refuse(Core& core, Connection& c, const Arrival& a) {
  if (a.has(wire::kTcpRst)) return Verdict::done;
  note_duplicate(c, a);
  if (a.payload.empty() && !a.has(wire::kTcpFin)) {
    challenge(core, c, a.now);
  } else {
    answer_useless_data(core, c, a.now);
  }
  return Verdict::done;
}

}  // namespace

Verdict check_sequence(Core& core, Connection& c, Arrival& a) {
  if (timestamp_is_old(c, a)) {  // RFC 7323 §5.3 R1
    ++core.counters.paws_rejected;
    return refuse(core, c, a);
  }
  if (!acceptable(c, a)) {
    ++core.counters.out_of_window;
    // RFC 9293 §3.10.7.4: with a zero window, valid acknowledgments and resets are still to be heard.
    const bool window_probe =
        a.seq == c.receive_next && c.receive_edge <= c.receive_next && a.has(wire::kTcpAck);
    if (window_probe && !a.has(wire::kTcpRst | wire::kTcpSyn)) check_ack(core, c, a);
    return c.ended || c.detached ? Verdict::done : refuse(core, c, a);
  }
  if (a.seq < c.receive_next) note_duplicate(c, a);
  // RFC 7323 §4.3 (2): only from a segment that covers what we acknowledged last.
  if (c.timestamps && a.options.has_timestamps && a.seq <= c.last_ack_sent && !timestamp_is_older(c, a)) {
    c.timestamp_recent = a.options.timestamp;
    c.timestamp_recent_second = seconds(a.now);
  }
  if (c.timestamps && !a.options.has_timestamps && !a.has(wire::kTcpRst)) ++core.counters.timestamp_missing;
  if (a.seq < c.receive_next || a.end() > c.receive_edge) trim(c, a);
  c.heard_at = a.now;
  c.keepalives = 0;
  return Verdict::goes_on;
}

}  // namespace postern::tcp
