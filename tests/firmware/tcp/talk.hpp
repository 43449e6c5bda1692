// A conversation with one engine: segments to it and from it are written as in packetdrill, numbers relative
// to each side's first sequence number.
//
//   talk.send("S 0:0(0) win 65535", {.mss = 1460});   the peer's segment
//   talk.hears("S. 0:0(0) ack 1");                    what the engine sends next
//   talk.hears_nothing();
//
// The peer is 198.51.100.7:40000, the engine 192.0.2.1:25. Bytes of payload count up from their position, so
// what is delivered can be checked.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp::testing {

struct Options {
  std::uint16_t mss = 0;
  int scale = -1;
  bool sack_permitted = false;
  bool timestamps = false;
  std::uint32_t timestamp = 0;
  std::uint32_t echo = 0;
  std::vector<wire::TcpSackBlock> sack = {};  // relative to our first sequence number
  std::uint16_t user_timeout = 0;             // as on the wire
  std::uint8_t ecn = 0;                       // of the IP header
};

// Small tables, fixed keys.
Settings talk_settings();

class Talk {
 public:
  explicit Talk(const Settings& settings = talk_settings(), bool ipv6 = false);

  void send(const char* text, const Options& options = {});
  void hears(const char* text);  // fails the test where something else, or nothing, leaves
  void hears_nothing();
  // What the engine sends next; empty where there is nothing.
  std::string one() { return emit_one(); }
  // Everything that wants to leave now, one per line.
  std::string all();
  // Lets time pass, with timers run as they are due.
  void wait(Duration time);

  // Three packets; the connection is `id` and nothing is left to hear.
  void open(const Options& options = {.mss = 1460, .scale = 0, .sack_permitted = true});
  // Our connect() until it is established.
  void connect(const Options& options = {.mss = 1460, .scale = 0, .sack_permitted = true});
  void write(std::size_t count);
  // Reads all there is and checks that it is the peer's stream; returns how much.
  std::size_t read();
  // Events since the last call, as text: "opened readable".
  std::string events();
  std::string state() const;

  Settings settings;
  Counters counters;
  Engine engine;
  Instant now{10s};
  ConnectionId id;
  std::uint32_t own_first = 0;
  std::uint32_t peer_first = 5000;
  bool own_known = false;
  std::uint16_t peer_port = 40000;
  std::uint16_t own_port = 25;
  wire::TcpHeader last;  // of the segment heard last
  wire::TcpOptions last_options;
  std::uint32_t last_length = 0;  // of its payload
  std::uint8_t last_ecn = 0;      // of its IP header
  bool break_checksum = false;
  wire::IpAddress own;
  wire::IpAddress peer;

 private:
  std::string emit_one();
  std::uint64_t read_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace postern::tcp::testing
