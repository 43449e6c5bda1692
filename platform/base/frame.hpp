// One Ethernet frame in somebody's buffer, and where outgoing frames go.
//
// A received frame's bytes are valid until its port takes them back at the end of the burst; whoever wants
// to keep some copies them. A frame to send is handed out empty with `kFrameHeadroom` bytes before `data`,
// filled, and given back exactly once.
#pragma once

#include <cstdint>

#include "platform/base/bytes.hpp"

namespace postern {

// Room for Ethernet (14) and IPv6 (40) in front of a transport header, with a VLAN tag to spare.
inline constexpr std::uint16_t kFrameHeadroom = 64;

// What the device found out about a received frame's checksums, or is asked to fill in for a sent one.
enum class ChecksumState : std::uint8_t {
  unknown,    // received: software has to look. Sent: already complete.
  good,       // received: the device verified the IP and transport checksums.
  bad,        // received: the device says one is wrong.
  transport,  // sent: the transport checksum field holds the pseudo-header sum; the device completes it.
};

struct Frame {
  std::uint8_t* data = nullptr;  // first byte of the Ethernet header
  std::uint16_t length = 0;      // bytes from `data`
  std::uint16_t capacity = 0;    // bytes that may be written from `data`
  ChecksumState checksum = ChecksumState::unknown;
  std::uint8_t l3_offset = 0;  // sent with `transport`: where the IP header starts
  std::uint8_t l4_offset = 0;  // sent with `transport`: where the TCP or ICMPv6 header starts
  void* owner = nullptr;       // the port's own handle

  Bytes bytes() const { return {data, length}; }
};

// Index of a port in the board profile's order: 0 is the first.
using PortIndex = std::uint8_t;

// Where a shard puts the frames it makes. One call is bounded work and makes no system call.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // An empty frame with headroom, or false where the port has no buffer or no room now: try again later.
  virtual bool allocate(PortIndex port, Frame& frame) = 0;
  // Takes the frame over. It leaves with the next burst.
  virtual void send(PortIndex port, Frame& frame) = 0;
  // Gives back a frame that was allocated and is not wanted after all.
  virtual void discard(PortIndex port, Frame& frame) = 0;
};

}  // namespace postern
