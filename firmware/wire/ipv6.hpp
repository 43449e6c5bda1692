// IPv6 headers and their extension headers. RFC 8200.
//
// An open view spans exactly the datagram, header and payload, and its version is 6. The walk over extension
// headers looks at no more than kMostExtensions of them.
#pragma once

#include "firmware/wire/address.hpp"
#include "firmware/wire/ipv4.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

inline constexpr std::size_t kIpv6Header = 40;
inline constexpr std::size_t kMostExtensions = 8;

class Ipv6View {
 public:
  static Result<Ipv6View> open(Bytes packet) {
    if (packet.size() < kIpv6Header) return fail("shorter than an IPv6 header");
    if (packet[0] >> 4 != 6) return fail("not IP version 6");
    // A payload length of 0 would announce a jumbogram (RFC 2675); over Ethernet there are none.
    const std::size_t total = kIpv6Header + load_be16(&packet[4]);
    if (total > packet.size()) return fail("IPv6 datagram is cut short");
    return Ipv6View(packet.first(total));
  }

  Bytes bytes() const { return packet_; }
  std::uint8_t ecn() const { return (packet_[1] >> 4) & 3; }
  std::uint32_t flow_label() const { return load_be32(packet_.data()) & 0xfffff; }
  std::uint8_t next_header() const { return packet_[6]; }
  std::uint8_t hop_limit() const { return packet_[7]; }
  IpAddress source() const { return IpAddress::v6(&packet_[8]); }
  IpAddress destination() const { return IpAddress::v6(&packet_[24]); }
  Bytes payload() const { return packet_.subspan(kIpv6Header); }

 private:
  explicit Ipv6View(Bytes packet) : packet_(packet) {}
  Bytes packet_;
};

// Where a walk over extension headers ended.
struct Ipv6Walk {
  enum class End : std::uint8_t {
    upper,     // `protocol` begins at `rest`
    fragment,  // a fragment header begins at `rest`
    nothing,   // no next header: there is no payload (RFC 8200 §4.7)
    cut,       // a header is not there whole
    discard,   // to be dropped without a word
    problem,   // to be dropped, and the source is told: ICMPv6 type 4 with `code` and `pointer`
  } end = End::discard;
  std::uint8_t protocol = 0;
  std::uint8_t code = 0;
  std::uint32_t pointer =
      0;  // of the octet that offends, from where the walk began; `protocol`'s own otherwise
  Bytes rest;
};

// Walks from `first`, the kind of header that `payload` begins with. A hop-by-hop header is taken only where
// it is the first and `hop_by_hop` allows it (RFC 8200 §4.1).
Ipv6Walk walk_extensions(std::uint8_t first, Bytes payload, bool hop_by_hop);

class FragmentView {
 public:
  static constexpr std::size_t kHeader = 8;

  static Result<FragmentView> open(Bytes bytes) {
    if (bytes.size() < kHeader) return fail("shorter than a fragment header");
    return FragmentView(bytes);
  }
  std::uint8_t next_header() const { return bytes_[0]; }
  // In bytes.
  std::uint32_t offset() const { return load_be16(&bytes_[2]) & 0xfff8u; }
  bool more_fragments() const { return (bytes_[3] & 1) != 0; }
  std::uint32_t identification() const { return load_be32(&bytes_[4]); }
  // RFC 6946: a datagram that is its own only fragment.
  bool is_atomic() const { return offset() == 0 && !more_fragments(); }
  Bytes payload() const { return bytes_.subspan(kHeader); }

 private:
  explicit FragmentView(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

struct Ipv6Header {
  IpAddress source;
  IpAddress destination;
  std::uint8_t next_header = 0;
  std::uint8_t ecn = 0;
  std::uint8_t hop_limit = 64;
  std::uint16_t payload_length = 0;
  std::uint32_t flow_label = 0;

  // Writes kIpv6Header bytes.
  void write(std::uint8_t* to) const {
    store_be32(to, 0x60000000u | std::uint32_t{ecn} << 20 | (flow_label & 0xfffff));
    store_be16(to + 4, payload_length);
    to[6] = next_header;
    to[7] = hop_limit;
    std::memcpy(to + 8, source.bytes.data(), 16);
    std::memcpy(to + 24, destination.bytes.data(), 16);
  }
};

}  // namespace postern::wire
