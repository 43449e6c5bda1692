#include "firmware/tcp/calls.hpp"

#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/segment_in/handshake_options.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

namespace {

constexpr std::uint32_t kPortLabel = 3;

// RFC 6056 §3.3.3: a start that depends on the two ends by a secret, then one after the other. Zero where
// none is free.
std::uint16_t choose_port(Core& core, wire::Flow& flow, Engine::LandsHere lands_here, void* context) {
  const Settings& s = core.settings;
  const std::uint32_t range = std::uint32_t{s.last_port} - s.first_port + 1;
  flow.local.port = 0;
  const auto start = static_cast<std::uint32_t>(keyed_hash(s.isn_key, flow, kPortLabel));
  for (std::uint32_t i = 0; i < s.port_tries; ++i) {
    flow.local.port = static_cast<std::uint16_t>(s.first_port + (start + core.port_counter++) % range);
    if (core.listening[flow.local.port]) continue;
    if (lands_here != nullptr && !lands_here(context, flow)) continue;
    if (core.lookup(core.hash(flow), flow).kind() == RecordKind::none) return flow.local.port;
  }
  return 0;
}

// The window follows a reader that keeps up: each time it has read a whole window, it may have twice as much.
void grow_window(Core& core, Connection& c, std::uint32_t count) {
  if (c.receive_limit >= core.settings.receive_buffer) return;
  c.read_since_growth += count;
  if (c.read_since_growth < c.receive_limit || core.unread(c) > c.receive_limit / 2) return;
  c.read_since_growth = 0;
  c.receive_limit = std::min(c.receive_limit * 2, core.settings.receive_buffer);
}

}  // namespace

Result<ConnectionId> open_connection(Core& core, const wire::IpAddress& local, const wire::Endpoint& remote,
                                     Instant now, Engine::LandsHere lands_here, void* context) {
  wire::Flow flow{{local, 0}, remote};
  if (core.connections.used() >= core.settings.connections) {
    ++core.counters.no_connection_free;
    return fail("all connections are in use");
  }
  if (choose_port(core, flow, lands_here, context) == 0) {
    ++core.counters.no_port_free;
    return fail("no local port is free");
  }
  Connection& c = *core.create(flow, core.hash(flow));
  const FlowOrigin origin = flow_origin(core.settings.isn_key, flow, now);
  c.state = ConnectionState::syn_sent;
  c.send_first = c.send_una = c.send_next = origin.isn;
  c.timestamp_offset = origin.timestamp_offset;
  c.path_mss = largest_mss(core.settings, remote.address);
  c.receive_limit = first_window(core.settings);
  c.congestion.window = initial_window(core.settings, c.path_mss);
  c.progress_at = c.heard_at = c.sent_at = now;
  ++core.counters.connects;
  core.want_output(c);
  return core.id_of(c);
}

void read_bytes(Core& core, Connection& c, std::uint32_t count, Instant now) {
  if (c.receive_queue.ready() > 0) {
    c.receive_queue.consume(core.chunks, std::min(count, c.receive_queue.ready()));
  } else if (core.has_arrived(c)) {
    count = std::min(count, static_cast<std::uint32_t>(core.arrived.bytes.size()));
    core.arrived.bytes = core.arrived.bytes.subspan(count);
    c.receive_queue.pass(count);
    if (core.arrived.bytes.empty()) core.arrived = {};
  }
  if (c.ended) return;
  if (c.detached) {
    c.idle_at = now + core.settings.time_wait;  // a slow reader is waited for as long as it reads
    if (core.unread(c) == 0) core.finish(c, now);
    return;
  }
  grow_window(core, c, count);
  consider_window_update(core, c);
}

std::size_t room_to_write(const Core& core, const Connection& c) {
  if (c.fin_queued || c.detached || c.is(kFinishing)) return 0;
  const std::uint32_t used = c.send_queue.size();
  const std::uint32_t own = core.settings.send_buffer > used ? core.settings.send_buffer - used : 0;
  const ChunkPool& pool = core.chunks;
  const std::uint64_t chunks = pool.available() > pool.reserve() ? pool.available() - pool.reserve() : 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(own, chunks * ChunkPool::kChunkBytes));
}

std::size_t write_bytes(Core& core, Connection& c, Bytes data, Instant now) {
  const std::size_t room = room_to_write(core, c);
  const std::size_t done = c.send_queue.append(core.chunks, data.first(std::min(room, data.size())));
  if (done < data.size() && !c.fin_queued && !c.detached) {
    c.wants_room = true;
    if (c.send_queue.size() == 0) {
      c.idle_at = std::min(c.idle_at, now + kMemoryRetry);
      rearm(core, c);
    }
  }
  if (done > 0) core.want_output(c);
  return done;
}

void close_connection(Core& core, Connection& c, Instant now) {
  if (c.fin_queued || c.detached) return;
  switch (c.state) {
    case ConnectionState::syn_sent:
      return core.end(c, EventKind::closed);  // RFC 9293 §3.10.4
    case ConnectionState::syn_received:
      break;  // FIN-WAIT-1 once it is established
    case ConnectionState::established:
      c.state = ConnectionState::fin_wait_1;
      break;
    case ConnectionState::close_wait:
      c.state = ConnectionState::last_ack;
      break;
    default:
      return;
  }
  c.fin_queued = true;
  c.progress_at = std::max(c.progress_at, c.ledger.empty() ? now : c.progress_at);
  core.want_output(c);
}

}  // namespace postern::tcp
