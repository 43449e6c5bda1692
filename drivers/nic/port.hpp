// A network port as the data plane sees it: bursts of frames in, bursts of frames out.
//
// One interface for every device: DPDK ports, the in-memory twin, and the wrappers (trace, fault, pcap) that
// hold another port. One queue pair belongs to one core; no call locks. Only kernel-backed devices (tap,
// af_packet, af_xdp) make system calls, inside `receive` and `transmit`.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "platform/base/counters.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/time.hpp"

namespace postern::nic {

// Most frames in one burst.
inline constexpr std::size_t kBurst = 32;

#define POSTERN_NIC_COUNTERS(X)                                                     \
  X(frames_received, "frames taken from the device")                                \
  X(frames_sent, "frames the device took")                                          \
  X(bytes_received, "bytes of frames received")                                     \
  X(bytes_sent, "bytes of frames sent")                                             \
  X(transmit_full, "frames dropped because the transmit queue stayed full")         \
  X(no_buffer, "frames not made because the buffer pool was empty")                 \
  X(device_missed, "frames the device dropped because nobody fetched them in time") \
  X(device_errors, "frames the device received in error")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_NIC_COUNTERS);

// The two ends of a TCP connection as the RSS hash sees them; IPv4 addresses are IPv4-mapped.
struct FlowAddresses {
  std::array<std::uint8_t, 16> local{};
  std::array<std::uint8_t, 16> remote{};
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
};

struct PortFacts {
  std::string name;  // as in the board profile
  std::array<std::uint8_t, 6> mac{};
  std::uint16_t mtu = 1500;        // bytes of IP packet
  bool receive_checksum = false;   // received frames may carry good/bad
  bool transmit_checksum = false;  // sent frames may carry `transport`
  bool can_wait = false;           // `wait_descriptor` gives something to sleep on
};

class Port {
 public:
  virtual ~Port() = default;
  virtual const PortFacts& facts() const = 0;
  virtual Counters& counters() = 0;

  // Fetches up to `into.size()` frames (at most kBurst); returns how many. They stay valid until `release`.
  virtual std::size_t receive(std::span<Frame> into, Instant now) = 0;
  virtual void release(std::span<Frame> frames) = 0;

  // An empty frame with kFrameHeadroom bytes in front of `data`; false where the pool is empty.
  virtual bool allocate(Frame& frame) = 0;
  virtual void discard(Frame& frame) = 0;
  // Takes all frames over; what the device cannot take is dropped and counted.
  virtual void transmit(std::span<Frame> frames, Instant now) = 0;

  // A file descriptor that becomes readable when a frame is there, or -1: poll instead.
  virtual int wait_descriptor() const { return -1; }
  // When a wrapper that holds frames back (delay) wants to be polled again.
  virtual Instant next_deadline() const { return kNever; }
  // True where the device will give the frames of this connection to this queue. Who opens a connection picks
  // a local port for which this holds.
  virtual bool lands_here(const FlowAddresses&) const { return true; }
  // True while the link is up.
  virtual bool link_up() const { return true; }
};

}  // namespace postern::nic
