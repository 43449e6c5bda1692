// Eighth step: FIN. RFC 9293 §3.10.7.4 "Eighth, check the FIN bit". A FIN ahead of its turn is remembered and
// takes effect when the data before it have come.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

Verdict take_fin(Core& core, Connection& c, Arrival& a) {
  if (!c.is(kReceiving)) {
    if (a.has(wire::kTcpFin)) acknowledge_now(core, c);
    return Verdict::done;
  }
  if (a.has(wire::kTcpFin) && !c.peer_fin) {
    c.peer_fin = true;
    c.fin_at = a.seq + static_cast<std::uint32_t>(a.payload.size());
  }
  if (a.has(wire::kTcpFin)) acknowledge_now(core, c);
  if (!c.peer_fin || c.fin_at != c.receive_next) return Verdict::done;
  c.receive_next += 1;
  c.peer_done = true;
  acknowledge_now(core, c);
  core.post(c, EventKind::peer_closed);
  switch (c.state) {
    case ConnectionState::established:
      c.state = ConnectionState::close_wait;
      break;
    case ConnectionState::fin_wait_1:
      c.state = ConnectionState::closing;
      break;  // our FIN is not acknowledged yet
    case ConnectionState::fin_wait_2:
      enter_time_wait(core, c, a.now);
      break;
    default:
      break;
  }
  return Verdict::done;
}

void enter_time_wait(Core& core, Connection& c, Instant now) {
  TimeWait record;
  record.flow = c.flow;
  record.table_hash = c.table_hash;
  record.send_next = c.send_next;
  record.receive_next = c.receive_next;
  record.timestamp_recent = c.timestamp_recent;
  record.timestamp_offset = c.timestamp_offset;
  record.timestamps = c.timestamps;
  record.window = static_cast<std::uint16_t>(std::min(c.receive_limit >> c.receive_shift, 65535u));
  const bool owed = c.ack_now || c.ack_later;  // after CLOSING the peer's FIN is acknowledged already
  core.finish(c, now);                         // takes the flow out of the table first
  remember_time_wait(core, record, now);
  if (owed) answer_time_wait(core, record, now);
}

}  // namespace postern::tcp
