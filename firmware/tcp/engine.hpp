// The TCP of one core: every connection, no I/O, no clock, no thread. RFC 9293.
//
// Segments, calls and time go in; events and segments come out when asked for:
//
//   accept_segment(...)      a segment arrived; look at events() afterwards
//   readable / consume       in-order bytes, straight out of the arrived frame where possible
//   settle()                 the frame is about to go away: what was not consumed is copied and kept
//   write / close / abort    the application's side
//   emit(...)                the next segment that wants to leave, one per call, until it says no
//   advance(now)             timers;  next_deadline()  when to call it next
//
// The same calls with the same times give the same segments: the only chance is in the keys of Settings.
// Every step is bounded; every drop has a counter.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "firmware/tcp/counters.hpp"
#include "firmware/tcp/settings.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::tcp {

// Names one connection for its whole life; a stale id is recognised and refers to nothing.
struct ConnectionId {
  std::uint32_t slot = 0xffffffff;
  std::uint32_t generation = 0;
  bool operator==(const ConnectionId&) const = default;
};

// What happened to a connection. Several may happen to one connection in one step, in this order.
enum class EventKind : std::uint8_t {
  opened,       // a peer's connection to a listening port is established
  connected,    // our connect() is established
  readable,     // there is data (see readable())
  writable,     // room in the send queue again after a short write
  peer_closed,  // the peer's FIN was reached: no more data after what is readable
  reset,        // the peer reset it; the id is dead after this event
  timed_out,    // retransmission, connect, keepalive or user time-out; the id is dead after this event
  closed,       // orderly end of both directions; the id is dead after this event
};

struct Event {
  ConnectionId id;
  EventKind kind;
};

// What the IP layer says about an arrived segment.
struct SegmentInfo {
  wire::IpAddress source;
  wire::IpAddress destination;
  std::uint8_t ecn = 0;        // the two ECN bits (RFC 3168)
  bool checksum_good = false;  // the device verified it
};

// A segment to send: emit() wrote it (TCP header, options, payload) into the room it was given.
struct OutgoingSegment {
  wire::IpAddress source;
  wire::IpAddress destination;
  std::uint16_t length = 0;  // bytes written
  std::uint8_t ecn = 0;
  bool checksum_pending = false;  // the checksum field holds the pseudo-header sum: the device completes it
};

// An ICMP error about a segment we sent, already matched to its flow by the IP layer (RFC 5927).
struct IcmpError {
  wire::Flow flow;
  enum class Kind : std::uint8_t { unreachable_soft, unreachable_hard, packet_too_big } kind;
  std::uint32_t sequence = 0;  // of the quoted segment
  std::uint16_t mtu = 0;       // for packet_too_big; bytes of IP packet
};

// What a connection looks like from outside, for status and tests.
struct ConnectionFacts {
  wire::Flow flow;
  std::string_view state;  // "ESTABLISHED", ...
  std::uint32_t send_queue = 0;
  std::uint32_t receive_queue = 0;
  std::uint32_t congestion_window = 0;
  std::uint32_t slow_start_threshold = 0;
  bool ecn = false;
  std::uint32_t mss = 0;
  Duration smoothed_rtt{0};
  std::uint64_t retransmitted_segments = 0;
};

// How much of what was allocated is in use, for status and tests.
struct MemoryFacts {
  std::uint32_t connections = 0;
  std::uint32_t half_open = 0;
  std::uint32_t chunks = 0;  // of 4096 bytes, in all queues together
  std::size_t bytes_per_connection = 0;
  std::size_t bytes_per_half_open = 0;
  std::size_t bytes_per_time_wait = 0;
};

class Engine {
 public:
  // Allocates all its memory here, for `settings.connections` connections.
  Engine(const Settings& settings, Counters& counters);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Accept connections to `port` on any local address.
  void listen(std::uint16_t port);
  void stop_listening(std::uint16_t port);
  // True where a listener or a live flow wants this segment; others are for the exception path.
  bool wants(const SegmentInfo& info, Bytes segment) const;

  // Starts a connection from `local` (a port is chosen, RFC 6056) to `remote`. `lands_here`, where given,
  // says whether a flow's segments will arrive at this core (receive-side scaling).
  using LandsHere = bool (*)(void* context, const wire::Flow& flow);
  Result<ConnectionId> connect(const wire::IpAddress& local, const wire::Endpoint& remote, Instant now,
                               LandsHere lands_here = nullptr, void* context = nullptr);

  // One arrived segment (TCP header first). Bad ones are counted and dropped.
  void accept_segment(const SegmentInfo& info, Bytes segment, Instant now);
  void accept_icmp(const IcmpError& error, Instant now);

  // Events since the last take; valid until the next call that is not const.
  std::span<const Event> events() const;
  void clear_events();

  // In-order bytes not consumed yet, as much as lies in one piece; empty where there is none.
  Bytes readable(ConnectionId id) const;
  // Takes `count` of them (at most readable().size()). Opens the window.
  void consume(ConnectionId id, std::size_t count, Instant now);
  // Keeps what was not consumed of the last segment; its frame may go away afterwards.
  void settle();

  // Copies as much as there is room for into the send queue; returns how much. A short write is followed by
  // `writable` when there is room again.
  std::size_t write(ConnectionId id, Bytes data, Instant now);
  std::size_t write_room(ConnectionId id) const;
  // Bytes written and not yet acknowledged by the peer.
  std::size_t unacknowledged(ConnectionId id) const;
  // FIN after what is queued. Data may still be read.
  void close(ConnectionId id, Instant now);
  // RST now; the id is dead at once and no event follows.
  void abort(ConnectionId id, Instant now);

  // Writes the next segment that wants to leave into `room` (at least the path MTU less the IP header);
  // false where nothing does. Call until false after every batch of the calls above.
  bool emit(MutableBytes room, OutgoingSegment& out, Instant now);

  // Runs timers that are due, at most a bounded number per call.
  void advance(Instant now);
  Instant next_deadline() const;

  bool alive(ConnectionId id) const;
  Result<ConnectionFacts> facts(ConnectionId id) const;
  // Where the connection comes from and goes to; valid for live ids.
  wire::Flow flow(ConnectionId id) const;
  std::size_t connections() const;
  MemoryFacts memory() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace postern::tcp
