// Plays a script: the engine's clock, its peers, its application. Time moves from deadline to deadline, so a
// script of hours takes microseconds.
#pragma once

#include <deque>
#include <ostream>
#include <string>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "tests/packet_scripts/peer.hpp"
#include "tests/packet_scripts/settings_table.hpp"

namespace postern::tcp::scripts {

// A connection as the script's file descriptor sees it.
struct Handle {
  int fd = -1;  // not accepted yet
  ConnectionId id;
  std::string events;  // since the script last asked
  bool ended_by_peer = false;
  bool was_reset = false;
  bool timed_out = false;
  bool closed_here = false;
  std::int64_t first = 1;  // position of the first byte the peer sends
  std::int64_t read = 0;
  std::int64_t written = 0;
};

class Player {
 public:
  explicit Player(const Script& script, std::ostream* trace = nullptr);
  // Throws Fault where something is not as the script says.
  void play();

  // What calls.cpp needs.
  World world;
  Counters counters;
  Engine engine;
  Instant now{kStart};
  std::deque<Peer> peers;
  std::size_t peer = 0;  // the one the script speaks for
  std::deque<Handle> handles;
  std::vector<std::pair<int, std::uint16_t>> listeners;  // file descriptor, port
  Handle& handle(const std::string& fd);
  // Drops the segments no line has asked for; returns how many.
  std::size_t forget();
  // Takes note of events; the engine may forget them when `clear` is set.
  void take_events(bool clear);

 private:
  static constexpr Instant kStart{1000s};
  struct Sent {
    Instant at;
    std::size_t peer;
    Segment segment;
  };

  void play(const Event& event);
  void run_until(Instant end, bool stop_when_sent);
  void drain();
  void inject(const Segment& segment);
  void inject(const Icmp& icmp);
  void expect(const Event& event, const Segment& wanted);
  void expect_nothing_left(int line, const std::string& where);
  void note(Instant at, const std::string& text);
  std::size_t peer_of(const OutgoingSegment& out, Bytes bytes);

  const Script& script_;
  std::ostream* trace_;
  Instant script_time_{kStart};
  std::deque<Sent> sent_;
  std::size_t seen_ = 0;  // events of the engine taken note of
};

// The answer of a call, in the script's words. Throws Fault for what cannot be called so.
std::string answer(Player& player, const Call& call);
// Which calls leave the engine's events waiting, so that what an ended connection left can still be read.
bool only_asks(const std::string& name);
// Is `came` what `wanted` asks for? Timestamps may be off by `tolerance`.
bool matches(const Segment& wanted, const Segment& came, Duration tolerance);

}  // namespace postern::tcp::scripts
