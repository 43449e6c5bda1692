#include "firmware/tcp/core.hpp"

#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/tcp/timers.hpp"

namespace postern::tcp {

Core::Core(const Settings& given, Counters& to)
    : settings(given),
      counters(to),
      chunks(given.buffer_memory),
      connections(given.connections),
      half_open(given.half_open),
      time_wait(given.time_wait_records),
      flows(std::size_t{given.connections} + given.half_open + given.time_wait_records),
      prefixes(given.connections_per_prefix, given.connections, given.table_key),
      half_open_prefixes(given.half_open_per_prefix, given.half_open, given.table_key),
      replies(given.replies) {
  events.reserve(4096);
}

std::uint32_t Core::hash(const wire::Flow& flow) const {
  return static_cast<std::uint32_t>(keyed_hash(settings.table_key, flow));
}

const wire::Flow& Core::flow_of(RecordRef ref) const {
  switch (ref.kind()) {
    case RecordKind::half_open:
      return half_open.at(ref.slot()).shake.flow;
    case RecordKind::time_wait:
      return time_wait.at(ref.slot()).flow;
    default:
      return connections.at(ref.slot()).flow;
  }
}

RecordRef Core::lookup(std::uint32_t table_hash, const wire::Flow& flow) const {
  return flows.find(table_hash, [&](RecordRef ref) { return flow_of(ref) == flow; });
}

Connection* Core::find(ConnectionId id, bool ended_too) {
  return const_cast<Connection*>(std::as_const(*this).find(id, ended_too));
}

const Connection* Core::find(ConnectionId id, bool ended_too) const {
  if (!connections.live(id.slot) || connections.generation(id.slot) != id.generation) return nullptr;
  const Connection& c = connections.at(id.slot);
  return c.ended && !ended_too ? nullptr : &c;
}

ConnectionId Core::id_of(const Connection& c) const {
  const std::uint32_t slot = slot_of(c);
  return {slot, connections.generation(slot)};
}

Connection* Core::create(const wire::Flow& flow, std::uint32_t table_hash) {
  const std::uint32_t slot = connections.take();
  if (slot == Slab<Connection>::kNone) {
    ++counters.no_connection_free;
    return nullptr;
  }
  Connection& c = connections.at(slot);
  c.flow = flow;
  c.table_hash = table_hash;
  c.timer.owner = {RecordKind::connection, slot};
  flows.insert(table_hash, c.timer.owner);
  return &c;
}

void Core::post(Connection& c, EventKind kind) {
  const auto bit = static_cast<std::uint8_t>(1 << static_cast<unsigned>(kind));
  if ((c.posted & bit) != 0) return;
  c.posted |= bit;
  events.push_back({id_of(c), kind});
}

void Core::detach(Connection& c) {
  if (c.detached) return;
  c.detached = true;
  flows.erase(c.table_hash, {RecordKind::connection, slot_of(c)});
  if (c.passive) prefixes.remove(c.flow.remote.address);
  if (c.state == ConnectionState::fin_wait_2) --fin_waiting;
  if (c.stalled) --stalled;
  c.stalled = false;
}

void Core::end(Connection& c, EventKind kind) {
  detach(c);
  drop_output(c);
  wheel.disarm(c.timer);
  c.state = ConnectionState::closed;
  c.ended = true;
  c.send_queue.clear(chunks);
  c.ledger.clear(chunks);
  post(c, kind);
}

void Core::finish(Connection& c, Instant now) {
  if (unread(c) == 0) return end(c, EventKind::closed);
  detach(c);
  drop_output(c);
  c.send_queue.clear(chunks);
  c.ledger.clear(chunks);
  c.retransmit_at = c.ack_at = kNever;
  c.retransmit_kind = RetransmitKind::off;
  c.idle_at = now + settings.time_wait;
  rearm(*this, c);
}

void Core::release(Connection& c) {
  detach(c);
  drop_output(c);
  wheel.disarm(c.timer);
  c.send_queue.clear(chunks);
  c.receive_queue.clear(chunks);
  c.ledger.clear(chunks);
  if (has_arrived(c)) arrived = {};
  connections.give(slot_of(c));
}

void Core::want_output(Connection& c) {
  if (c.queued || c.detached) return;
  c.queued = true;
  const std::uint32_t slot = slot_of(c);
  c.output_next = kNoSlot;
  c.output_previous = output_last;
  (output_last == kNoSlot ? output_first : connections.at(output_last).output_next) = slot;
  output_last = slot;
}

void Core::drop_output(Connection& c) {
  if (!c.queued) return;
  c.queued = false;
  (c.output_previous == kNoSlot ? output_first : connections.at(c.output_previous).output_next) =
      c.output_next;
  (c.output_next == kNoSlot ? output_last : connections.at(c.output_next).output_previous) =
      c.output_previous;
}

void Core::settle() {
  if (arrived.slot == kNoSlot) return;
  Connection& c = connections.at(arrived.slot);
  const Bytes rest = arrived.bytes;
  arrived = {};
  // The fast path is only taken where there is memory for this (segment_in/text.cpp), so append() cannot
  // fail.
  if (!rest.empty()) c.receive_queue.append(chunks, rest);
}

}  // namespace postern::tcp
