// Seventh step: the data. RFC 9293 §3.10.7.4 "Seventh, process the segment text".
//
// Data in order with nothing waiting before or after it are not copied: the application reads them where they
// arrived. Everything else goes into the receive queue.
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

namespace {

// Less than this is not a full segment, however small the largest was so far (RFC 9293 §3.7.1).
constexpr std::uint32_t kSmallestFullSegment = 536;

// settle() must find room whatever happens before it: polite takers leave at least the reserve.
bool can_be_settled(const Core& core, std::size_t bytes) {
  const std::size_t chunks = bytes / ChunkPool::kChunkBytes + 2;
  return chunks <= std::min(core.chunks.available(), core.chunks.reserve());
}

// False where the data cannot be kept: they count as not arrived.
bool take_in_order(Core& core, Connection& c, const Arrival& a) {
  const auto count = static_cast<std::uint32_t>(a.payload.size());
  if (c.receive_queue.ready() == 0 && c.receive_queue.range_count() == 0 && can_be_settled(core, count)) {
    core.arrived = {core.slot_of(c), a.payload};
    c.receive_next += count;
    return true;
  }
  if (!c.receive_queue.append(core.chunks, a.payload)) return false;
  const bool filled_a_hole = c.receive_queue.range_count() > 0;
  c.receive_next = c.receive_queue.join(core.chunks, c.receive_next + count);
  if (filled_a_hole) acknowledge_now(core, c);  // RFC 5681 §4.2
  return true;
}

void take_out_of_order(Core& core, Connection& c, const Arrival& a) {
  ++core.counters.out_of_order;
  // RFC 2883 §4: also what is held out of order may arrive twice.
  const SeqRange twice =
      c.receive_queue.held(core.chunks, {a.seq, a.seq + static_cast<std::uint32_t>(a.payload.size())});
  if (c.sack && twice.start < twice.end) {
    c.duplicate = twice;
    c.duplicate_seen = true;
  }
  if (!c.receive_queue.keep(core.chunks, c.receive_next, a.seq, a.payload,
                            core.settings.out_of_order_ranges)) {
    ++core.counters.out_of_order_refused;
  }
  acknowledge_now(core, c);  // RFC 5681 §4.2: at once, so that the sender sees the hole
}

// RFC 5681 §4.2: at least every second full segment at once; a single one may wait for a reply to ride on.
void owe_acknowledgment(Core& core, Connection& c, const Arrival& a) {
  c.largest_seen =
      std::max(c.largest_seen, static_cast<std::uint16_t>(std::min<std::size_t>(a.payload.size(), 65535)));
  if (c.receive_next.since(c.last_ack_sent) > std::max<std::uint32_t>(c.largest_seen, kSmallestFullSegment)) {
    acknowledge_now(core, c);
  } else {
    acknowledge_later(core, c, a.now);
  }
}

// RFC 3168 §6.1.3: echoed in every segment until the peer says that it has cut its window. Marks on what is
// not wanted were sorted out before (§6.1.5).
void note_marks(Core& core, Connection& c, const Arrival& a) {
  constexpr std::uint8_t kCongestionExperienced = 3;
  if (a.has(wire::kTcpCwr)) c.ecn_echo = false;
  if (a.ecn != kCongestionExperienced) return;
  ++core.counters.ecn_marked;
  c.ecn_echo = true;
}

}  // namespace

Verdict take_text(Core& core, Connection& c, Arrival& a) {
  if (a.payload.empty()) return Verdict::goes_on;
  if (c.ecn) note_marks(core, c, a);
  if (!c.is(kReceiving) || c.peer_done) return Verdict::goes_on;  // after the peer's FIN: ignored
  if (a.seq != c.receive_next) {
    take_out_of_order(core, c, a);
    return Verdict::goes_on;
  }
  if (!take_in_order(core, c, a)) {
    ++core.counters.no_buffer;
    acknowledge_now(core, c);
    return Verdict::done;
  }
  core.counters.bytes_in += a.payload.size();
  if (c.state == ConnectionState::fin_wait_2) c.progress_at = a.now;
  owe_acknowledgment(core, c, a);
  core.post(c, EventKind::readable);
  return Verdict::goes_on;
}

}  // namespace postern::tcp
