// One peer of the engine: what turns the numbers of a script into those of the wire and back.
//
// The peer's first sequence number is fixed; the engine's is learned from its SYN. The engine's first
// timestamp in a conversation counts as 1000 in the script, and its clock ticks in milliseconds.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "tests/packet_scripts/script.hpp"

namespace postern::tcp::scripts {

inline constexpr std::uint32_t kPeerFirst = 5000;
inline constexpr std::uint32_t kFirstTimestamp = 1000;

struct Peer {
  wire::Endpoint engine;  // the engine's end
  wire::Endpoint peer;
  std::uint32_t engine_first = 0;
  bool engine_known = false;
  std::uint32_t timestamp_base = 0;  // the wire's value less the script's
  bool timestamp_known = false;
  std::int64_t last_syn = 0;  // where the peer's last SYN lay

  bool is(const wire::Endpoint& local, const wire::Endpoint& remote) const {
    return engine == local && peer == remote;
  }
};

// The bytes of the stream each side sends, by their position: the first byte after the SYN is 1.
std::uint8_t peer_byte(std::int64_t position);
std::uint8_t engine_byte(std::int64_t position);

std::vector<std::uint8_t> encode(const Segment& segment, const Peer& peer);
// Checks checksum and payload too; throws Fault.
Segment decode(const OutgoingSegment& out, Bytes bytes, Peer& peer);

}  // namespace postern::tcp::scripts
