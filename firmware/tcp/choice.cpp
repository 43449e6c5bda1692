#include "firmware/tcp/choice.hpp"

#include "firmware/tcp/pacing.hpp"
#include "firmware/tcp/path_mtu.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

// Bytes from `from` on that the peer's window takes.
std::uint32_t usable_window(const Connection& c, SeqNumber from) {
  const SeqNumber edge = c.send_una + c.send_window;
  return edge > from ? edge.since(from) : 0;
}

// `count` sequence numbers from `start` on, of which the last may be the FIN's.
Choice piece(const Connection& c, Choice::Kind kind, SeqNumber start, std::uint32_t count) {
  Choice choice;
  choice.kind = kind;
  choice.start = start;
  const std::uint32_t data = c.queue_end() > start ? c.queue_end().since(start) : 0;
  choice.count = std::min(count, data);
  choice.fin = c.fin_queued && count > data;
  return choice;
}

// RFC 9293 §3.8.6.1: one byte into a closed window, the first that is not acknowledged. Into a window too
// small to be worth it until now, what it takes (RFC 9293 §3.8.6.2.1).
Choice window_probe(Core& core, Connection& c, std::uint32_t most) {
  c.probe_now = false;
  if (c.send_window != 0 && !c.ledger.empty()) return {};
  ++core.counters.window_probes;
  if (!c.ledger.empty()) return piece(c, Choice::Kind::again, c.send_una, 1);
  const bool anything = c.queue_end() > c.send_next || (c.fin_queued && !c.fin_sent);
  const std::uint32_t count = std::clamp(usable_window(c, c.send_next), 1u, most);
  Choice choice = anything ? piece(c, Choice::Kind::fresh, c.send_next, count) : Choice{};
  choice.probe = true;
  return choice;
}

// True where pacing says "later"; a timer brings the connection back then.
bool too_early(Core& core, Connection& c, Instant now) {
  if (may_leave(core, c, now)) return false;
  ++core.counters.paced;
  c.paced = true;
  rearm(core, c);
  return true;
}

Choice lost_piece(Core& core, Connection& c, std::uint32_t most, Instant now) {
  const std::uint32_t index = c.ledger.first_lost(core.chunks);
  if (index == Ledger::kMost) return {};
  const Span& span = c.ledger.spans(core.chunks)[index];
  const std::uint32_t count = std::min({span.size(), most + 1, usable_window(c, span.start)});
  if (count == 0) return {};
  Choice choice = piece(c, Choice::Kind::again, span.start, count);
  choice.count = std::min(choice.count, most);
  choice.fin = choice.fin && choice.start + choice.count == c.queue_end();
  choice.span = index;
  const std::uint32_t in_flight = c.in_flight();
  const bool allowed = in_flight == 0 || in_flight + choice.count <= c.congestion.window;
  return allowed && !too_early(core, c, now) ? choice : Choice{};
}

// RFC 9293 §3.8.6.2.1: a small piece only where it is all there is, or half of what the peer ever took at
// once.
bool worth_sending(const Connection& c, std::uint32_t count, std::uint32_t waiting, std::uint32_t most) {
  return count == waiting || count >= most || count >= c.most_send_window / 2;
}

// What the window leaves no room for has to be asked about from time to time.
void wait_for_window(Core& core, Connection& c, Instant now) {
  if (!c.ledger.empty() || c.retransmit_kind != RetransmitKind::off) return;
  c.progress_at = now;  // the user time-out counts from here, not from what was acknowledged long ago
  restart_retransmission(core, c, now);
}

// RFC 7661 §4.4.3: a window that was not used for minutes is halved, again and again; what it allows leaves
// paced. Unpaced it would leave as one burst: then RFC 5681 §4.1, a time-out of silence, and slow start
// begins anew.
void after_a_pause(Core& core, Connection& c, Instant now) {
  const std::uint32_t first = initial_window(core.settings, c.mss);
  if (!core.settings.pacing || core.settings.non_validated == Duration{0}) {
    if (now - c.sent_at > c.round_trip.base(core.settings)) c.congestion.restart_after_idle(first);
    return;
  }
  if (c.congestion.window <= first) return;
  const Duration unused = std::max<Duration>(
      Duration{1s} * static_cast<std::uint16_t>(second_of(now) - c.validated_second), now - c.sent_at);
  const auto times = std::min<Duration::rep>(unused / core.settings.non_validated, 16);
  if (times == 0) return;
  ++core.counters.windows_outlived;
  for (Duration::rep i = 0; i < times; ++i) c.congestion.outlive(first);
  c.validated_second = second_of(now);
}

Choice fresh_piece(Core& core, Connection& c, std::uint32_t most, bool ignore_congestion, Instant now) {
  const std::uint32_t waiting = c.queue_end() > c.send_next ? c.queue_end().since(c.send_next) : 0;
  const bool fin = c.fin_queued && !c.fin_sent;
  if ((waiting == 0 && !fin) || !c.is(kSending) || !c.ledger.can_send(core.chunks)) return {};
  if (c.ledger.empty()) after_a_pause(core, c, now);
  const std::uint32_t usable = usable_window(c, c.send_next);
  const std::uint32_t in_flight = c.in_flight();
  const std::uint32_t free = c.congestion.window > in_flight ? c.congestion.window - in_flight : 0;
  const std::uint32_t probe = ignore_congestion ? 0 : probe_payload(core, c, waiting, now);
  if (probe > 0) most = probe;
  const std::uint32_t wanted = std::min(waiting, most);
  if (!ignore_congestion && free < wanted && in_flight > 0) {
    if (usable >= wanted) c.congestion.note_filled(c.send_next);
    return {};
  }
  const std::uint32_t count = std::min(wanted, usable);
  const bool with_fin = fin && count == waiting && (usable > count || waiting > 0);
  if ((count == 0 && !with_fin) || (count > 0 && !worth_sending(c, count, waiting, most))) {
    wait_for_window(core, c, now);
    return {};
  }
  if (!ignore_congestion && too_early(core, c, now)) return {};
  Choice choice = piece(c, Choice::Kind::fresh, c.send_next, count);
  choice.fin = with_fin;
  choice.mtu_probe = probe > 0;
  return choice;
}

// RFC 8985 §7.3: something new where there is, else the last segment once more.
Choice tail_probe(Core& core, Connection& c, std::uint32_t most, Instant now) {
  c.tail_probe_now = false;
  if (c.ledger.empty() || c.ledger.lost() > 0) return {};
  ++core.counters.tail_probes;
  c.tail_probe_out = true;
  const Choice fresh = fresh_piece(core, c, most, true, now);
  c.tail_probe_resent = fresh.kind == Choice::Kind::nothing;
  if (!c.tail_probe_resent) {
    c.tail_probe_end = fresh.start + fresh.count + (fresh.fin ? 1 : 0);
    return fresh;
  }
  c.tail_probe_end = c.send_next;
  const SeqNumber last = c.ledger.spans(core.chunks).back().start;
  const SeqNumber start = later(last, c.send_next - std::min(most, c.send_next.since(c.send_una)));
  return piece(c, Choice::Kind::tail, start, c.send_next.since(start));
}

// A keepalive repeats the last sequence number, so the peer has to answer (RFC 9293 §3.8.4).
Choice bare(Connection& c) {
  Choice choice;
  choice.kind = Choice::Kind::pure_ack;
  choice.start = c.keepalive_now ? c.send_next - 1 : c.send_next;
  c.keepalive_now = false;
  return choice;
}

}  // namespace

Choice choose(Core& core, Connection& c, std::uint32_t most, Instant now) {
  if (c.probe_now) {
    const Choice probe = window_probe(core, c, most);
    if (probe.kind != Choice::Kind::nothing) return probe;
  }
  const bool repairs = c.ledger.lost() > 0 && !holds_repairs(c);
  Choice choice = repairs ? lost_piece(core, c, most, now) : Choice{};
  if (choice.kind != Choice::Kind::nothing) return choice;
  if (c.tail_probe_now) choice = tail_probe(core, c, most, now);
  if (choice.kind != Choice::Kind::nothing) return choice;
  if (!repairs) choice = fresh_piece(core, c, most, false, now);
  if (choice.kind != Choice::Kind::nothing) return choice;
  return c.ack_now || c.keepalive_now ? bare(c) : Choice{};
}

}  // namespace postern::tcp
