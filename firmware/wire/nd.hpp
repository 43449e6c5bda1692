// Neighbour discovery messages: neighbour solicitation and advertisement, router advertisement. RFC 4861 §4.
//
// Each is parsed from a whole ICMPv6 message whose checksum and hop limit were checked before, and holds what
// its fields and options mean. An option of length 0 makes the whole message invalid (RFC 4861 §4.6).
#pragma once

#include <array>
#include <optional>

#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

// RFC 3971 §5.3.2's option, of the one length that RFC 7527 uses.
using Nonce = std::array<std::uint8_t, 6>;

struct NeighbourSolicitation {
  IpAddress target;
  std::optional<MacAddress> source_mac;
  std::optional<Nonce> nonce;

  static constexpr std::size_t kMostSize = 40;

  static Result<NeighbourSolicitation> parse(Bytes message);
  // Writes up to kMostSize bytes with a checksum of 0; gives how many.
  std::size_t write(std::uint8_t* to) const;
};

struct NeighbourAdvertisement {
  IpAddress target;
  bool router = false;
  bool solicited = false;
  bool override_entry = false;
  std::optional<MacAddress> target_mac;

  static constexpr std::size_t kMostSize = 32;

  static Result<NeighbourAdvertisement> parse(Bytes message);
  std::size_t write(std::uint8_t* to) const;
};

// What a host takes from a router advertisement; prefixes are left to whoever configures addresses.
struct RouterAdvertisement {
  std::uint16_t lifetime_seconds = 0;  // as default router; 0: it is none
  std::optional<MacAddress> source_mac;
  std::optional<std::uint32_t> mtu;

  static Result<RouterAdvertisement> parse(Bytes message);
};

// Asks routers to advertise themselves now. RFC 4861 §4.1.
struct RouterSolicitation {
  MacAddress source_mac;

  static constexpr std::size_t kMostSize = 16;
  std::size_t write(std::uint8_t* to) const;
};

// What a multicast listener report (version 2) says about its groups. RFC 3810 §5.2.12.
enum class ListenerRecord : std::uint8_t {
  is_exclude = 2,  // we listen to every source
  to_exclude = 4,  // we do from now on
};

// A report about `count` groups, with a checksum of 0. RFC 3810 §5.2.
std::size_t listener_report_size(std::size_t count);
void write_listener_report(std::uint8_t* to, ListenerRecord kind, const IpAddress* groups, std::size_t count);

}  // namespace postern::wire
