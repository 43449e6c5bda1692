#include "firmware/tcp/path_mtu.hpp"

#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

constexpr std::uint16_t kUsualTunnelMss = 1220;
constexpr std::uint32_t kFineEnough = 16;  // the search ends when no more than this is to be won

std::uint16_t whole_mss(const Core& core, const Connection& c) {
  return std::min(c.peer_mss, largest_mss(core.settings, c.flow.remote.address));
}

// RFC 8899 §5.1.1: from then on the path may have become larger again.
void search_later(const Core& core, Connection& c, Instant now) {
  c.mtu_ceiling = 0;
  c.mtu_failures = 0;
  c.mtu_waits = core.settings.mtu_probing && c.path_mss < whole_mss(core, c);
  c.mtu_search_at = second_of(now + core.settings.mtu_probe_interval);
}

bool search_goes_on(const Connection& c) {
  return c.mtu_ceiling > c.path_mss + kFineEnough;
}

// Half-way between what passes and what may (RFC 4821 §7.2).
std::uint16_t next_size(const Connection& c) {
  return static_cast<std::uint16_t>((c.path_mss + c.mtu_ceiling + 1) / 2);
}

void shrink_path(Core& core, Connection& c, std::uint32_t mss, Instant now) {
  const std::uint32_t floor = smallest_mss(c.flow.remote.address);
  const auto next = static_cast<std::uint16_t>(std::max(mss, floor));
  if (next >= std::min(c.path_mss, c.peer_mss)) return;
  c.path_mss = next;
  c.mtu_probe = 0;
  update_mss(c);
  search_later(core, c, now);
  ++core.counters.path_mtu_reduced;
}

// RFC 5927 §4.1: only what we have in flight can have met the router.
bool in_flight(const Connection& c, SeqNumber sequence) {
  return sequence >= c.send_una && sequence < c.send_next;
}

void packet_too_big(Core& core, Connection& c, const IcmpError& error, Instant now) {
  const std::uint32_t headers = c.flow.remote.address.is_v4() ? 40 : 60;
  const std::uint32_t before = c.mss;
  // RFC 1191 §5: an old router names no size.
  const std::uint32_t told = error.mtu > headers ? error.mtu - headers : kUsualTunnelMss;
  if (c.mtu_probe > told) c.mtu_ceiling = static_cast<std::uint16_t>(told);
  shrink_path(core, c, told, now);
  if (c.mss >= before) return;
  // What was too large is sent again at once; no congestion was seen (RFC 8201 §5.4).
  c.ledger.lose_all(core.chunks);
  c.innocent = true;
  core.want_output(c);
}

}  // namespace

void icmp_arrives(Core& core, const IcmpError& error, Instant now) {
  const RecordRef ref = core.lookup(core.hash(error.flow), error.flow);
  if (ref.kind() != RecordKind::connection) {
    ++core.counters.icmp_ignored;
    return;
  }
  Connection& c = core.connections.at(ref.slot());
  if (!in_flight(c, SeqNumber{error.sequence})) {
    ++core.counters.icmp_ignored;
    return;
  }
  ++core.counters.icmp_in;
  if (error.kind == IcmpError::Kind::packet_too_big) return packet_too_big(core, c, error, now);
  // RFC 5927 §5: an established connection outlives every error; one that is being opened ends with a hard
  // one.
  if (error.kind == IcmpError::Kind::unreachable_hard && c.state == ConnectionState::syn_sent) {
    core.end(c, EventKind::reset);
  }
}

std::uint32_t probe_payload(const Core& core, Connection& c, std::uint32_t waiting, Instant now) {
  if (c.mtu_probe != 0 || (!c.mtu_waits && c.mtu_ceiling == 0)) return 0;
  if (c.mtu_waits && static_cast<std::int16_t>(second_of(now) - c.mtu_search_at) >= 0) {
    c.mtu_waits = false;
    c.mtu_ceiling = whole_mss(core, c);
  }
  if (!search_goes_on(c) || c.congestion.phase != CongestionPhase::open) return 0;
  const std::uint32_t payload = next_size(c) - (c.timestamps ? 12u : 0u);
  // RFC 4821 §7.3: with room in both windows for what follows it, or its loss would cost a time-out.
  const std::uint32_t needed = payload + 3u * c.mss;
  const std::uint32_t in_flight = c.in_flight();
  const std::uint32_t window = std::min(c.congestion.window, c.send_window);
  // Other options would make the packet larger than what is asked about.
  const bool plain =
      c.sack && c.receive_queue.range_count() == 0 && !c.duplicate_seen && !c.tell_user_timeout;
  const bool fits =
      plain && payload <= core.payload_room && waiting >= needed && in_flight + needed <= window;
  return fits ? payload : 0;
}

void probe_sent(Core& core, Connection& c, std::uint32_t payload) {
  ++core.counters.path_mtu_probes;
  c.mtu_probe = static_cast<std::uint16_t>(payload + (c.timestamps ? 12 : 0));
}

void probe_arrived(Core& core, Connection& c, Instant now) {
  if (c.mtu_probe <= c.path_mss) return;
  ++core.counters.path_mtu_raised;
  c.path_mss = c.mtu_probe;
  c.mtu_probe = c.mtu_failures = 0;
  update_mss(c);
  if (!search_goes_on(c)) search_later(core, c, now);
}

void probe_lost(Core& core, Connection& c, Instant now) {
  ++core.counters.path_mtu_probes_lost;
  const std::uint16_t size = c.mtu_probe;
  c.mtu_probe = 0;
  if (size == 0 || ++c.mtu_failures < core.settings.mtu_probes) return;
  c.mtu_failures = 0;
  c.mtu_ceiling = static_cast<std::uint16_t>(size - 1);  // RFC 4821 §7.2: search_high
  if (!search_goes_on(c)) search_later(core, c, now);
}

void consider_black_hole(Core& core, Connection& c, Instant now) {
  if (c.ended || c.round_trip.backoff < 2 || c.is(ConnectionState::syn_sent | ConnectionState::syn_received))
    return;
  if (c.ledger.empty()) return;
  // What timed out need not have been a full segment: the last of a burst may be too large just as well.
  const std::uint32_t size = std::min<std::uint32_t>(c.ledger.spans(core.chunks).front().size(), c.mss);
  const std::uint32_t floor = smallest_mss(c.flow.remote.address);
  if (size > kUsualTunnelMss) {
    shrink_path(core, c, kUsualTunnelMss, now);
    // Something between may pass, and nobody will say: the search begins at once.
    if (core.settings.mtu_probing)
      c.mtu_ceiling = static_cast<std::uint16_t>(size - 1 + (c.timestamps ? 12 : 0));
  } else if (size > floor) {
    shrink_path(core, c, floor, now);
  }
}

}  // namespace postern::tcp
