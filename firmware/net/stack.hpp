// Ethernet, ARP, IPv4, IPv6, neighbour discovery and ICMP of one core: no I/O, no clock.
//
// Frames go in; what is not transport for us is answered or dropped here. Answers (ARP and ND replies, echo
// replies, ICMP errors, frames that waited for a neighbour) wait in a bounded queue that the shard drains
// into its FrameSink. Every drop has a counter.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "firmware/net/counters.hpp"
#include "firmware/net/settings.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::net {

// What accept() made of a frame.
struct Arrival {
  enum class Kind : std::uint8_t {
    handled,    // answered, used or dropped here: nothing more to do
    segment,    // `payload` is a TCP segment for one of our addresses
    error,      // an ICMP error about a TCP segment we sent: see `error_*`
    exception,  // not ours: give the whole frame to the kernel (decision 10)
  } kind = Kind::handled;
  wire::IpAddress source;
  wire::IpAddress destination;
  std::uint8_t ecn = 0;
  bool checksum_good = false;  // the device verified the transport checksum; else it has to be looked at
  bool share = false;  // the stacks of the other cores should see this frame too: it teaches neighbours
                       // or is an error about a flow that may be theirs
  bool copy_to_kernel = false;  // with the exception path: used here, but the kernel needs it as well
  Bytes payload;                // inside the frame, or inside the reassembly buffer until the next accept()

  enum class ErrorKind : std::uint8_t { unreachable_soft, unreachable_hard, packet_too_big };
  ErrorKind error_kind = ErrorKind::unreachable_soft;
  wire::Flow error_flow;             // as seen from us: local is our end
  std::uint32_t error_sequence = 0;  // of the quoted TCP header
  std::uint16_t error_mtu = 0;
};

// How a datagram leaves: which port, from which of our addresses.
struct Route {
  PortIndex port = 0;
  wire::IpAddress source;
  wire::IpAddress next_hop;
  std::uint16_t mtu = 1500;
};

class Stack {
 public:
  Stack(const Settings& settings, Counters& counters);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  Arrival accept(PortIndex port, const Frame& frame, Instant now);

  // The best route to `destination`, and the address of ours that goes with it.
  Result<Route> route(const wire::IpAddress& destination) const;
  // A route over the port that `source`, one of our addresses, belongs to.
  Result<Route> route(const wire::IpAddress& destination, const wire::IpAddress& source) const;

  // `frame.data + kTransportOffset` holds `length` bytes of transport; puts the IP and Ethernet headers in
  // front, adjusting frame.data and frame.length. Sends it through `sink`, or keeps a copy while the
  // neighbour is being asked for (bounded per neighbour). The frame is always taken over.
  static constexpr std::size_t kTransportOffset = 54;  // Ethernet 14 + IPv6 40
  void send(FrameSink& sink, PortIndex port, Frame& frame, const wire::IpAddress& source,
            const wire::IpAddress& destination, std::uint8_t protocol, std::uint16_t length, std::uint8_t ecn,
            Instant now);

  // Queued answers and solicitations leave here. Bounded.
  void drain(FrameSink& sink, Instant now);

  // Neighbour time-outs, retried solicitations, duplicate address detection, reassembly time-outs.
  void advance(Instant now);
  Instant next_deadline() const;

  // True where the address is one of ours on any port.
  bool is_local(const wire::IpAddress& address) const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace postern::net
