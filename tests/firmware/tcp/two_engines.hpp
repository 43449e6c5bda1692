// Two engines and a seeded wire between them: the same seed gives the same run, segment for segment.
//
// The wire loses (single packets, bursts, acknowledgments, one way for a while), repeats, delays, reorders,
// corrupts, marks congestion, thins out acknowledgments, changes its MTU with and without a word, shrinks
// windows and removes options. On each side an application writes a known stream in odd pieces, reads the
// other's in odd pieces and compares every byte, closes when it has written all, and waits for the end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "firmware/tcp/engine.hpp"

namespace postern::tcp::testing {

// SplitMix64: small, seeded, good enough for faults.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  bool per_mille(std::uint64_t chance) { return below(1000) < chance; }

 private:
  std::uint64_t state_;
};

struct WireFaults {
  std::uint32_t loss = 0;          // per mille
  std::uint32_t burst = 0;         // per mille: a burst of losses begins with this packet
  std::uint32_t burst_length = 0;  // and takes up to so many
  std::uint32_t repeat = 0;        // per mille
  std::uint32_t corrupt = 0;       // per mille
  std::uint32_t late = 0;          // per mille: delayed by up to `lateness` more
  std::uint32_t ack_loss = 0;      // per mille, of segments that only acknowledge
  std::uint32_t mark = 0;          // per mille: a congestion mark where the packet may bear one
  Duration delay = 5ms;
  Duration jitter = 0ms;
  Duration lateness = 0ms;
  Duration thinning = 0ms;   // of the acknowledgments of so much time only the last goes on
  Duration cut_from = 0ms;   // nothing arrives in between
  Duration cut_until = 0ms;  //
  int cut_way = -1;          // from this side; -1: both ways
  std::uint16_t mtu = 0;     // larger packets vanish without a word
  Duration mtu_from = 0ms;   // from then on
  Duration mtu_until = kForever;
  bool mtu_told = false;       // with a word
  Duration shrink_from = 0ms;  // windows are cut to a fraction in between, whatever was promised before
  Duration shrink_until = 0ms;
  std::uint8_t shrink_shift = 0;
  bool strip_sack = false;  // a box that removes options from SYNs
  bool strip_scale = false;
  bool strip_timestamps = false;
  Duration timestamps_until = kForever;  // and one that removes timestamps later

  static constexpr Duration kForever = Duration::max();
};

struct Packet {
  Instant at;
  std::uint64_t number;
  int to;
  bool thinned;
  SegmentInfo info;
  std::vector<std::uint8_t> bytes;
  bool operator<(const Packet& other) const { return at != other.at ? at > other.at : number > other.number; }
};

// The way between the engines, both ways.
class BadWire {
 public:
  BadWire(Dice& dice, const WireFaults& faults, Instant start)
      : dice_(dice), faults_(faults), start_(start) {}

  // Side `from` sends. An answer of the path to it, where there is one, is given to `icmp`.
  void put(int from, const OutgoingSegment& out, Bytes bytes, Instant now,
           const std::function<void(const IcmpError&)>& icmp);
  // The next packet that is due; nothing where none is.
  std::optional<Packet> take(Instant now);
  Instant next() const { return queue_.empty() ? kNever : queue_.top().at; }
  std::uint64_t packets() const { return packets_; }

 private:
  bool swallowed(int from, bool acknowledges, Duration since);
  bool too_large(const OutgoingSegment& out, Duration since) const;
  void change(Packet& packet, Duration since);
  void delay(Packet& packet, bool acknowledges, std::uint64_t copy, Instant now);

  Dice& dice_;
  WireFaults faults_;
  Instant start_;
  std::priority_queue<Packet> queue_;
  std::uint64_t packets_ = 0;
  std::uint32_t burst_left_[2] = {0, 0};
  struct {
    Instant at{};
    std::uint64_t number = 0;
  } last_acknowledgment_[2];
};

// What one side does.
struct Plan {
  std::uint64_t bytes = 0;  // to write
  std::uint32_t most_per_write = 8000;
  std::uint32_t most_per_read = 8000;
  std::uint32_t read_chance = 1000;  // per mille and step: below 1000 the reader dawdles
};

struct Side {
  Counters counters;
  std::unique_ptr<Engine> engine;
  ConnectionId id;
  bool open = false;
  bool peer_closed = false;
  bool finished = false;
  bool failed = false;
  bool closed_called = false;
  std::uint64_t written = 0;
  std::uint64_t read = 0;
  Plan plan;
};

class TwoEngines {
 public:
  TwoEngines(std::uint64_t seed, const WireFaults& faults, const Settings& client, const Settings& server);

  // Opens from side 0 to side 1 and runs until both are finished, or `limit` has passed. Empty where all went
  // well, else what did not.
  std::string run(const Plan& client, const Plan& server, Duration limit);

  Side sides[2];
  Instant now{1s};
  std::uint64_t packets() const { return wire_.packets(); }
  // Sees every packet that is sent.
  std::function<void(Instant now, int from, const OutgoingSegment& out, Bytes bytes)> observer;

  static std::uint8_t stream_byte(int side, std::uint64_t position);

 private:
  void step();
  void deliver_due();
  void handle_events(int side);
  void play(int side);
  void read_some(int side);
  void emit_all(int side);
  std::string let_go();
  Instant next_instant() const;

  Dice dice_;
  BadWire wire_;
  std::string fault_;
  Instant poke_ = kNever;  // a dawdling reader looks again
};

}  // namespace postern::tcp::testing
