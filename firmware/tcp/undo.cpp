#include "firmware/tcp/undo.hpp"

#include "firmware/tcp/core.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

namespace {

void forget_undo(Connection& c) {
  c.undo_armed = c.undo_repeated = c.undo_by_echo = false;
  c.undo.resent = 0;
  c.frto = Frto::off;
}

// RFC 4015 §3 and RFC 9438 §4.9: as if nothing had happened.
void take_back(Core& core, Connection& c) {
  Congestion& congestion = c.congestion;
  congestion.restore(c.undo.window, c.undo.threshold);
  forget_undo(c);
  c.ledger.find_lost(core.chunks);
  c.reno_sacked = 0;
  c.duplicate_acks = 0;
  core.want_output(c);
}

}  // namespace

void remember_for_undo(const Core& core, Connection& c) {
  // A time-out during recovery belongs to the same event: what was before it counts.
  if (!core.settings.undo || c.congestion.phase != CongestionPhase::open) return;
  c.undo_repeated = c.undo_by_echo = false;
  c.undo.resent = 0;
  c.undo.window = c.congestion.window;
  c.undo.threshold = c.congestion.threshold;
  c.undo.from = c.send_una;
  c.undo_armed = true;
}

void note_repeated(const Core&, Connection& c, std::uint32_t bytes, std::uint32_t timestamp) {
  if (!c.undo_armed) return;
  if (!c.undo_repeated) {
    c.undo.stamp = timestamp;
    c.undo_repeated = c.undo_by_echo = true;
  }
  c.undo.resent += bytes;
}

void duplicate_reported(Core& core, Connection& c, SeqNumber start, SeqNumber end) {
  if (!c.undo_armed || !c.undo_repeated || start < c.undo.from || end > c.congestion.recover) return;
  // RFC 3708 §3: more duplicates than repetitions are the network's doing and tell nothing.
  if (end.since(start) > c.undo.resent) {
    forget_undo(c);
    return;
  }
  c.undo.resent -= end.since(start);
  if (c.undo.resent > 0) return;
  ++core.counters.spurious_by_duplicates;
  take_back(core, c);
}

void look_at_echo(Core& core, Connection& c, const Arrival& a) {
  if (!c.undo_armed || !c.undo_by_echo || !c.congestion.repairing()) return;
  c.undo_by_echo = false;
  if (!c.timestamps || !a.options.has_timestamps) return;
  if (static_cast<std::int32_t>(a.options.timestamp_echo - c.undo.stamp) >= 0) return;
  ++core.counters.spurious_by_echo;
  take_back(core, c);
}

void look_after_timeout(Core& core, Connection& c, const Delivery& delivery, bool advanced) {
  if (c.frto == Frto::off || c.congestion.phase != CongestionPhase::loss) return;
  if (c.frto == Frto::second_ack) {
    c.frto = Frto::off;
    if (delivery.original) {  // RFC 5682 §3.1 step 3b
      ++core.counters.spurious_timeouts;
      return take_back(core, c);
    }
    c.congestion.window = 3u * c.mss;  // step 3a
    return;
  }
  // Step 2: only where the acknowledgment advances, not past everything, and there is something new to send.
  const bool partly = advanced && c.send_una < c.congestion.recover;
  const bool new_data = c.queue_end() > c.send_next && c.send_una + c.send_window > c.send_next;
  c.frto = partly && new_data ? Frto::second_ack : Frto::off;
  if (c.frto == Frto::second_ack) c.congestion.window = c.in_flight() + 2u * c.mss;
}

bool holds_repairs(const Connection& c) {
  return c.frto == Frto::second_ack;
}

}  // namespace postern::tcp
