// IPv4 headers. RFC 791.
//
// An open view spans exactly the datagram (link padding is cut off), its header lies inside it whole, and its
// version is 4. The checksum is a question of its own: a device may have answered it already.
#pragma once

#include "firmware/wire/address.hpp"
#include "firmware/wire/checksum.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

// IP protocol numbers, and IPv6 next headers, that the box knows.
namespace protocol {
inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kRouting = 43;
inline constexpr std::uint8_t kFragment = 44;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kNoNextHeader = 59;
inline constexpr std::uint8_t kDestinationOptions = 60;
}  // namespace protocol

inline constexpr std::size_t kIpv4Header = 20;

class Ipv4View {
 public:
  static Result<Ipv4View> open(Bytes packet) {
    if (packet.size() < kIpv4Header) return fail("shorter than an IPv4 header");
    if (packet[0] >> 4 != 4) return fail("not IP version 4");
    const std::size_t header = (packet[0] & 0x0f) * std::size_t{4};
    const std::size_t total = load_be16(&packet[2]);
    if (header < kIpv4Header || total < header) return fail("IPv4 header length is impossible");
    if (total > packet.size()) return fail("IPv4 datagram is cut short");
    return Ipv4View(packet.first(total), header);
  }

  Bytes bytes() const { return packet_; }
  std::uint8_t ecn() const { return packet_[1] & 3; }
  std::uint16_t identification() const { return load_be16(&packet_[4]); }
  bool dont_fragment() const { return (packet_[6] & 0x40) != 0; }
  bool more_fragments() const { return (packet_[6] & 0x20) != 0; }
  // In bytes.
  std::uint32_t fragment_offset() const { return (load_be16(&packet_[6]) & 0x1fffu) * 8; }
  bool is_fragment() const { return (load_be16(&packet_[6]) & 0x3fff) != 0; }
  std::uint8_t time_to_live() const { return packet_[8]; }
  std::uint8_t protocol() const { return packet_[9]; }
  IpAddress source() const { return IpAddress::v4(&packet_[12]); }
  IpAddress destination() const { return IpAddress::v4(&packet_[16]); }
  bool has_options() const { return header_ > kIpv4Header; }
  Bytes options() const { return packet_.subspan(kIpv4Header, header_ - kIpv4Header); }
  Bytes payload() const { return packet_.subspan(header_); }
  bool checksum_good() const { return checksum_finish(checksum_add(0, packet_.first(header_))) == 0; }

 private:
  Ipv4View(Bytes packet, std::size_t header) : packet_(packet), header_(header) {}
  Bytes packet_;
  std::size_t header_;
};

// What a host thinks of a datagram's options: it ignores them, but a source route is refused.
enum class Ipv4Options : std::uint8_t { harmless, source_route, malformed };
Ipv4Options judge_options(Bytes options);

// A header without options, not to be fragmented.
struct Ipv4Header {
  IpAddress source;
  IpAddress destination;
  std::uint8_t protocol = 0;
  std::uint8_t ecn = 0;
  std::uint8_t time_to_live = 64;
  std::uint16_t payload_length = 0;

  // Writes kIpv4Header bytes, checksum included.
  void write(std::uint8_t* to) const;
};

}  // namespace postern::wire
