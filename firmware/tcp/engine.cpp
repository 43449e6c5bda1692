#include "firmware/tcp/engine.hpp"

#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/calls.hpp"
#include "firmware/tcp/core.hpp"
#include "firmware/tcp/output.hpp"
#include "firmware/tcp/path_mtu.hpp"
#include "firmware/tcp/segment_in/segment_in.hpp"
#include "firmware/tcp/timers.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp {

struct Engine::State {
  State(const Settings& settings, Counters& counters) : core(settings, counters) {}
  Core core;
};

Engine::Engine(const Settings& settings, Counters& counters)
    : state_(std::make_unique<State>(settings, counters)) {}
Engine::~Engine() = default;

void Engine::listen(std::uint16_t port) {
  state_->core.listening.set(port);
}
void Engine::stop_listening(std::uint16_t port) {
  state_->core.listening.reset(port);
}

bool Engine::wants(const SegmentInfo& info, Bytes segment) const {
  const auto view = wire::TcpView::parse(segment);
  if (!view) return false;
  if (state_->core.listening[view->destination_port()]) return true;
  const wire::Flow flow{{info.destination, view->destination_port()}, {info.source, view->source_port()}};
  return state_->core.lookup(state_->core.hash(flow), flow).kind() != RecordKind::none;
}

Result<ConnectionId> Engine::connect(const wire::IpAddress& local, const wire::Endpoint& remote, Instant now,
                                     LandsHere lands_here, void* context) {
  return open_connection(state_->core, local, remote, now, lands_here, context);
}

void Engine::accept_segment(const SegmentInfo& info, Bytes segment, Instant now) {
  segment_arrives(state_->core, info, segment, now);
}

void Engine::accept_icmp(const IcmpError& error, Instant now) {
  icmp_arrives(state_->core, error, now);
}

std::span<const Event> Engine::events() const {
  return state_->core.events;
}

void Engine::clear_events() {
  Core& core = state_->core;
  for (const Event& event : core.events) {
    Connection* const c = core.find(event.id, true);
    if (c == nullptr) continue;
    c->posted = 0;
    if (c->ended) core.release(*c);
  }
  core.events.clear();
}

Bytes Engine::readable(ConnectionId id) const {
  const Core& core = state_->core;
  const Connection* const c = core.find(id, true);
  if (c == nullptr) return {};
  if (c->receive_queue.ready() > 0) return c->receive_queue.front(core.chunks);
  return core.has_arrived(*c) ? core.arrived.bytes : Bytes{};
}

void Engine::consume(ConnectionId id, std::size_t count, Instant now) {
  Connection* const c = state_->core.find(id, true);
  if (c != nullptr) read_bytes(state_->core, *c, static_cast<std::uint32_t>(count), now);
}

void Engine::settle() {
  state_->core.settle();
}

std::size_t Engine::write(ConnectionId id, Bytes data, Instant now) {
  Connection* const c = state_->core.find(id);
  return c == nullptr ? 0 : write_bytes(state_->core, *c, data, now);
}

std::size_t Engine::write_room(ConnectionId id) const {
  const Connection* const c = state_->core.find(id);
  return c == nullptr ? 0 : room_to_write(state_->core, *c);
}

std::size_t Engine::unacknowledged(ConnectionId id) const {
  const Connection* const c = state_->core.find(id);
  return c == nullptr ? 0 : c->send_queue.size();
}

void Engine::close(ConnectionId id, Instant now) {
  Connection* const c = state_->core.find(id);
  if (c != nullptr) close_connection(state_->core, *c, now);
}

void Engine::abort(ConnectionId id, Instant) {
  Connection* const c = state_->core.find(id, true);
  if (c == nullptr) return;
  if (!c->ended) reset_peer(state_->core, *c);
  state_->core.release(*c);
}

bool Engine::emit(MutableBytes room, OutgoingSegment& out, Instant now) {
  return tcp::emit(state_->core, room, out, now);
}

void Engine::advance(Instant now) {
  Core& core = state_->core;
  const std::size_t limit = core.settings.timers_per_advance;
  core.wheel.advance(now, limit,
                     [&](TimerNode& node) { timer_fires(core, static_cast<OwnedTimer&>(node), now); });
  expire_time_wait(core, now, limit);
}

Instant Engine::next_deadline() const {
  const Core& core = state_->core;
  const Instant waiting = core.time_wait.empty() ? kNever : core.time_wait.at(core.time_wait.first()).until;
  return std::min(core.wheel.next(), waiting);
}

bool Engine::alive(ConnectionId id) const {
  return state_->core.find(id) != nullptr;
}

Result<ConnectionFacts> Engine::facts(ConnectionId id) const {
  const Core& core = state_->core;
  const Connection* const c = core.find(id, true);
  if (c == nullptr) return fail("no such connection");
  ConnectionFacts facts;
  facts.flow = c->flow;
  facts.state = state_name(c->state);
  facts.send_queue = c->send_queue.size();
  facts.receive_queue = core.unread(*c);
  facts.congestion_window = c->congestion.window;
  facts.slow_start_threshold = c->congestion.threshold;
  facts.ecn = c->ecn;
  facts.mss = c->mss;
  facts.smoothed_rtt = std::chrono::microseconds{c->round_trip.smoothed};
  facts.retransmitted_segments = c->retransmitted;
  return facts;
}

wire::Flow Engine::flow(ConnectionId id) const {
  const Connection* const c = state_->core.find(id, true);
  return c == nullptr ? wire::Flow{} : c->flow;
}

std::size_t Engine::connections() const {
  return state_->core.connections.used();
}

MemoryFacts Engine::memory() const {
  const Core& core = state_->core;
  return {core.connections.used(), core.half_open.used(), core.chunks.taken(),
          sizeof(Connection),      sizeof(HalfOpen),      sizeof(TimeWait)};
}

}  // namespace postern::tcp
