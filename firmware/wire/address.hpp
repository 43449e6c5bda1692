// Ethernet and IP addresses, endpoints and flows, as values.
//
// One type serves both families: an IPv4 address is held IPv4-mapped (::ffff:a.b.c.d, RFC 4291 §2.5.5.2), so
// a flow key has one size. Therefore a mapped address never comes in from outside: text and IPv6 packets that
// carry one are refused, or they could pass for IPv4.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};
  auto operator<=>(const MacAddress&) const = default;
  bool is_multicast() const { return (bytes[0] & 1) != 0; }
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const IpAddress&) const = default;
  // Two words at a time: addresses are compared for every frame.
  bool operator==(const IpAddress& other) const {
    return ((high() ^ other.high()) | (low() ^ other.low())) == 0;
  }

  static IpAddress v4(const std::uint8_t* four) {
    IpAddress address;
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes.data() + 12, four, 4);
    return address;
  }
  static IpAddress v6(const std::uint8_t* sixteen) {
    IpAddress address;
    std::memcpy(address.bytes.data(), sixteen, 16);
    return address;
  }
  // Parses "192.0.2.1" or "2001:db8::1" (RFC 4291 §2.2); nothing else.
  static Result<IpAddress> parse(std::string_view text);

  bool is_v4() const { return high() == 0 && load_be32(bytes.data() + 8) == 0xffff; }
  bool is_unspecified() const { return high() == 0 && (low() == 0 || low() == 0xffff'0000'0000); }
  bool is_multicast() const { return bytes[0] == 0xff || (is_v4() && (bytes[12] & 0xf0) == 0xe0); }
  bool is_loopback() const { return high() == 0 && (low() == 1 || (is_v4() && bytes[12] == 127)); }
  // fe80::/10 (RFC 4291 §2.5.6) and 169.254.0.0/16 (RFC 3927).
  bool is_link_local() const {
    return (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) ||
           (is_v4() && bytes[12] == 169 && bytes[13] == 254);
  }
  const std::uint8_t* v4_bytes() const { return bytes.data() + 12; }
  // Text as in RFC 5952; "192.0.2.1" for IPv4.
  std::string text() const;

 private:
  std::uint64_t high() const { return load_be64(bytes.data()); }
  std::uint64_t low() const { return load_be64(bytes.data() + 8); }
};

// An address and how many of its leading bits name the network (0–32 or 0–128).
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;

  // Parses "192.0.2.0/24"; a bare address is a prefix of full length.
  static Result<Prefix> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
  std::string text() const;
  auto operator<=>(const Prefix&) const = default;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

struct Flow {
  Endpoint local;
  Endpoint remote;
  auto operator<=>(const Flow&) const = default;
};

// The network a peer is counted under for budgets: /24 for IPv4, /56 for IPv6.
IpAddress budget_prefix(const IpAddress& address);

// The multicast group that is asked for an IPv6 address, ff02::1:ffXX:XXXX. RFC 4291 §2.7.1.
IpAddress solicited_node(const IpAddress& address);
// Where frames for a multicast address go. RFC 1112 §6.4, RFC 2464 §7.
MacAddress multicast_mac(const IpAddress& group);
// The link-local address made from a MAC address. RFC 2464 §5, RFC 4291 appendix A.
IpAddress link_local(const MacAddress& mac);

}  // namespace postern::wire
