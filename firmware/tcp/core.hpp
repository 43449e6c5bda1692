// Everything an engine owns, and the few verbs all its files share. Private to firmware/tcp.
#pragma once

#include <bitset>
#include <deque>
#include <vector>

#include "firmware/tcp/chunk_pool.hpp"
#include "firmware/tcp/connection.hpp"
#include "firmware/tcp/counters.hpp"
#include "firmware/tcp/engine.hpp"
#include "firmware/tcp/flow_table.hpp"
#include "firmware/tcp/half_open.hpp"
#include "firmware/tcp/prefix_budgets.hpp"
#include "firmware/tcp/replies.hpp"
#include "firmware/tcp/settings.hpp"
#include "firmware/tcp/slab.hpp"
#include "firmware/tcp/time_wait.hpp"

namespace postern::tcp {

inline constexpr std::uint32_t kNoSlot = 0xffffffff;

struct Core {
  Core(const Settings& given, Counters& to);

  const Settings settings;
  Counters& counters;
  ChunkPool chunks;
  Slab<Connection> connections;
  Slab<HalfOpen> half_open;
  TimeWaitTable time_wait;
  FlowTable flows;
  TimerWheel wheel;
  PrefixBudgets prefixes;
  PrefixBudgets half_open_prefixes;
  ReplyQueue replies;
  std::vector<Event> events;
  std::bitset<65536> listening;
  std::uint32_t output_first = kNoSlot;
  std::uint32_t output_last = kNoSlot;
  std::uint32_t port_counter = 0;
  std::uint32_t payload_room = 0;  // what the segment being written can take
  std::uint32_t fin_waiting = 0;   // connections in FIN-WAIT-2
  std::uint32_t stalled = 0;       // connections whose peer keeps its window closed
  Instant cookies_until{};         // an acknowledgment may complete a cookie until then

  // In-order bytes of the segment that arrived last, not yet copied anywhere.
  struct Arrived {
    std::uint32_t slot = kNoSlot;
    Bytes bytes;
  } arrived;

  std::uint32_t hash(const wire::Flow& flow) const;
  RecordRef lookup(std::uint32_t hash, const wire::Flow& flow) const;
  const wire::Flow& flow_of(RecordRef ref) const;

  // The live connection an id names; null where it is gone, or has ended and `ended_too` is not asked for.
  Connection* find(ConnectionId id, bool ended_too = false);
  const Connection* find(ConnectionId id, bool ended_too = false) const;
  std::uint32_t slot_of(const Connection& c) const { return connections.slot_of(c); }
  ConnectionId id_of(const Connection& c) const;

  // A connection in the flow table, in state CLOSED; null where there is no room.
  Connection* create(const wire::Flow& flow, std::uint32_t table_hash);
  // Posts an event; a kind that is waiting already is not posted twice.
  void post(Connection& c, EventKind kind);
  // The last event: no more segments, timers or calls; the record goes when events are cleared.
  void end(Connection& c, EventKind kind);
  // Both directions are done. Says `closed` now, or when the application has read the rest.
  void finish(Connection& c, Instant now);
  void release(Connection& c);

  void want_output(Connection& c);
  void drop_output(Connection& c);
  void detach(Connection& c);  // out of the flow table and the budgets

  bool has_arrived(const Connection& c) const {
    return arrived.slot != kNoSlot && arrived.slot == slot_of(c);
  }
  std::uint32_t unread(const Connection& c) const {
    return c.receive_queue.ready() + (has_arrived(c) ? static_cast<std::uint32_t>(arrived.bytes.size()) : 0);
  }
  void settle();
};

}  // namespace postern::tcp
