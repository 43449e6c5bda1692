// The inside of a Stack: its tables, and the steps of its paths. Each path has a file of its own:
//
//   ingress.cpp     a frame: Ethernet            transport.cpp   a datagram for us: who wants its payload
//   ipv4.cpp        an IPv4 datagram             icmp.cpp        echo, and errors that come in
//   ipv6.cpp        an IPv6 datagram             unreachable.cpp errors that we send
//   arp.cpp         who has an IPv4 address      drafts.cpp      frames of our own
//   nd.cpp          who has an IPv6 address      egress.cpp      transport on its way out
//   mld.cpp         the groups we listen to      lifecycle.cpp   what time does
//   router_discovery.cpp   default routers that advertise themselves
#pragma once

#include "firmware/net/destinations.hpp"
#include "firmware/net/local_addresses.hpp"
#include "firmware/net/neighbours.hpp"
#include "firmware/net/outbox.hpp"
#include "firmware/net/reassembly.hpp"
#include "firmware/net/routers.hpp"
#include "firmware/net/routes.hpp"
#include "firmware/net/stack.hpp"
#include "firmware/wire/arp.hpp"
#include "firmware/wire/ethernet.hpp"
#include "firmware/wire/icmp.hpp"
#include "firmware/wire/ipv4.hpp"
#include "firmware/wire/ipv6.hpp"
#include "firmware/wire/nd.hpp"
#include "platform/base/token_bucket.hpp"

namespace postern::net {

inline constexpr std::uint8_t kNdHopLimit = 255;  // RFC 4861 §7.1: proves that the sender is on the link

// A frame on its way in, and what is found out about it.
struct Incoming {
  PortIndex port;
  const Frame& frame;
  Instant now;
  Arrival& arrival;
  wire::MacAddress from{};
  bool link_unicast = false;  // it was sent to our MAC address alone
  bool fragmented = false;    // it came with a fragment header, or in pieces
};

// A datagram for us, whole.
struct Datagram {
  wire::IpAddress source;
  wire::IpAddress destination;
  std::uint8_t protocol = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t ecn = 0;
  bool to_group = false;               // multicast or broadcast
  Bytes quoted;                        // what an ICMP error about it would quote: the IP header and all
  std::uint32_t protocol_pointer = 0;  // where `protocol` is named, for ICMPv6
  Bytes payload;
};

// The headers of a fragment that an error may be sent about: one that came to us alone.
inline Bytes quotable(const Incoming& in, Bytes packet, Bytes payload) {
  return in.link_unicast ? packet.first(packet.size() - payload.size()) : Bytes{};
}

// A frame of our own with its Ethernet and IP headers written, and room for its payload.
struct Draft {
  Parcel* parcel = nullptr;
  std::uint8_t* payload = nullptr;
  explicit operator bool() const { return parcel != nullptr; }
};

// What an ICMP error of ours is about: who sent it, and what is quoted, in two pieces.
struct ErrorFor {
  PortIndex port = 0;
  wire::MacAddress to_mac;
  wire::IpAddress from;  // ours
  wire::IpAddress to;
  Bytes header;
  Bytes rest;
};

struct Stack::State {
  State(const Settings& given, Counters& counts);

  Settings settings;
  Counters& counters;
  LocalAddresses local;
  Routes routes;
  Routers routers;
  Outbox outbox;
  Neighbours neighbours;
  Reassembly reassembly;
  Destinations destinations;
  std::uint64_t label_key;  // of IPv6 flow labels
  TokenBucket echo_budget;
  TokenBucket error_budget;
  Instant own_deadline = Instant::min();
  struct RouterSearch {
    Instant deadline = Instant::min();
    std::uint8_t sent = 0;
  };
  std::vector<RouterSearch> searches;  // by port

  const wire::MacAddress& mac(PortIndex port) const { return settings.interfaces[port].mac; }

  // ingress.cpp
  void accept(Incoming& in);
  // Not for us: the kernel's, where there is an exception path; else a drop, counted.
  void foreign(Incoming& in, Counter& counter);
  // Whether a datagram to `destination` concerns us; drops or hands over those that do not.
  bool is_for_us(Incoming& in, const wire::IpAddress& destination, bool is_group);

  // ipv4.cpp, ipv6.cpp
  void accept_ipv4(Incoming& in, Bytes packet);
  void accept_ipv6(Incoming& in, Bytes packet);
  bool reassemble_ipv4(Incoming& in, const wire::Ipv4View& view, Datagram& datagram);
  void walk_ipv6(Incoming& in, Datagram& datagram, std::uint8_t first, Bytes payload, bool whole);
  bool reassemble_ipv6(Incoming& in, Datagram& datagram, Bytes fragment, std::uint8_t& first, Bytes& payload);

  // transport.cpp
  void deliver(Incoming& in, const Datagram& datagram);
  void deliver_segment(Incoming& in, const Datagram& datagram);

  // icmp.cpp
  void accept_icmpv4(Incoming& in, const Datagram& datagram);
  void accept_icmpv6(Incoming& in, const Datagram& datagram);
  void answer_echo(Incoming& in, const Datagram& datagram, const wire::IcmpView& request);
  void accept_error_v4(Incoming& in, const wire::IcmpView& message);
  void accept_error_v6(Incoming& in, const wire::IcmpView& message);
  bool quotes_our_segment(const Incoming& in, const wire::Quote& quote) const;
  void report_error(Incoming& in, const wire::Quote& quote, Arrival::ErrorKind kind, std::uint32_t mtu);

  // unreachable.cpp
  void refuse(Incoming& in, const Datagram& datagram, std::uint8_t type, std::uint8_t code,
              std::uint32_t rest);
  void send_error(const ErrorFor& about, std::uint8_t type, std::uint8_t code, std::uint32_t rest);
  bool may_refer_to(const Reassembly::Expired& expired) const;
  void give_up(const Reassembly::Expired& expired, Instant now);

  // arp.cpp
  void accept_arp(Incoming& in, Bytes packet);
  void learn_arp(Incoming& in, const wire::Arp& arp, bool for_us);
  void answer_arp(Incoming& in, const wire::Arp& request);
  void send_arp(PortIndex port, const wire::MacAddress& to, const wire::Arp& arp);
  void ask_arp(const Neighbour& neighbour);
  void probe_arp(const LocalAddress& own);
  void announce_arp(const LocalAddress& own);

  // nd.cpp
  bool is_trusted_nd(Incoming& in, const Datagram& datagram);
  void accept_solicitation(Incoming& in, const Datagram& datagram);
  bool is_own_test(const LocalAddress& own, const wire::NeighbourSolicitation& asked) const;
  wire::Nonce nonce_of(const LocalAddress& own, std::uint8_t probe) const;
  void accept_advertisement(Incoming& in, const Datagram& datagram);
  void ask_nd(const Neighbour& neighbour);
  void probe_duplicate(const LocalAddress& own);
  void announce_nd(const LocalAddress& own);
  void advertise(const LocalAddress& own, const wire::MacAddress& to, const wire::IpAddress& destination,
                 bool solicited);
  template <typename Message>
  void send_nd(PortIndex port, const wire::MacAddress& to, const wire::IpAddress& source,
               const wire::IpAddress& destination, const Message& message);

  // router_discovery.cpp
  void accept_router_advertisement(Incoming& in, const Datagram& datagram);
  void router_lost(PortIndex port, const wire::IpAddress& address, bool for_good);
  void advance_searches(Instant now);
  Instant next_search() const;

  // mld.cpp
  void report_groups(PortIndex port, wire::ListenerRecord kind);
  void accept_listener_query(Incoming& in, const Datagram& datagram);

  // drafts.cpp
  Draft draft(PortIndex port, const wire::MacAddress& to, const wire::IpAddress& source,
              const wire::IpAddress& destination, std::uint8_t protocol, std::size_t length,
              std::uint8_t hop_limit = 64);
  Parcel* blank(PortIndex port, std::size_t length);
  void queue(Parcel* parcel) { outbox.queue(parcel); }

  // egress.cpp
  Destination* resolve(const wire::IpAddress& destination, std::uint8_t wanted);
  Destination* fill(Destination& entry, const wire::IpAddress& destination, std::uint8_t wanted);
  Neighbour* look_up(const Destination& destination, Instant now);
  Neighbour* neighbour_of(Destination& destination, Instant now);
  void send(FrameSink& sink, PortIndex port, Frame& frame, Neighbour& neighbour);
  void keep_waiting(Neighbour& neighbour, PortIndex port, const Frame& frame);
  void ask(const Neighbour& neighbour);
  const Routes::Entry* best_route(const wire::IpAddress& destination, std::optional<PortIndex> port) const;
  bool is_on_link(PortIndex port, const wire::IpAddress& address) const;

  // lifecycle.cpp
  void advance(Instant now);
  Instant next_deadline() const;
  void advance_addresses(Instant now);
  void advance_address(LocalAddress& own, Instant now);
  bool still_testing(LocalAddress& own, Instant now);
  Duration spread(const LocalAddress& own, Duration range) const;
  void conflict(LocalAddress& own, Instant now);
};

template <typename Message>
void Stack::State::send_nd(PortIndex port, const wire::MacAddress& to, const wire::IpAddress& source,
                           const wire::IpAddress& destination, const Message& message) {
  std::uint8_t bytes[Message::kMostSize];
  const std::size_t length = message.write(bytes);
  const Draft frame = draft(port, to, source, destination, wire::protocol::kIcmpv6, length, kNdHopLimit);
  if (!frame) return;
  std::memcpy(frame.payload, bytes, length);
  const auto pseudo = wire::pseudo_header_sum(source, destination, wire::protocol::kIcmpv6,
                                              static_cast<std::uint32_t>(length));
  wire::fill_icmp_checksum({frame.payload, length}, pseudo);
  queue(frame.parcel);
}

}  // namespace postern::net
