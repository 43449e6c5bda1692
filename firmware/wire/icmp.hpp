// What ICMP and ICMPv6 have in common: an eight-byte header, and errors that quote a datagram.
//
// RFC 792 and RFC 4443. Checksums: ICMP covers the message alone, ICMPv6 the pseudo-header too.
#pragma once

#include "firmware/wire/address.hpp"
#include "firmware/wire/checksum.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

namespace icmpv4 {
inline constexpr std::uint8_t kEchoReply = 0;
inline constexpr std::uint8_t kUnreachable = 3;
inline constexpr std::uint8_t kSourceQuench = 4;
inline constexpr std::uint8_t kRedirect = 5;
inline constexpr std::uint8_t kEchoRequest = 8;
inline constexpr std::uint8_t kTimeExceeded = 11;
inline constexpr std::uint8_t kParameterProblem = 12;
// Codes of kUnreachable.
inline constexpr std::uint8_t kProtocolUnreachable = 2;
inline constexpr std::uint8_t kPortUnreachable = 3;
inline constexpr std::uint8_t kFragmentationNeeded = 4;
}  // namespace icmpv4

namespace icmpv6 {
inline constexpr std::uint8_t kUnreachable = 1;
inline constexpr std::uint8_t kPacketTooBig = 2;
inline constexpr std::uint8_t kTimeExceeded = 3;
inline constexpr std::uint8_t kParameterProblem = 4;
inline constexpr std::uint8_t kEchoRequest = 128;
inline constexpr std::uint8_t kEchoReply = 129;
inline constexpr std::uint8_t kListenerQuery = 130;
inline constexpr std::uint8_t kRouterSolicitation = 133;
inline constexpr std::uint8_t kRouterAdvertisement = 134;
inline constexpr std::uint8_t kNeighbourSolicitation = 135;
inline constexpr std::uint8_t kNeighbourAdvertisement = 136;
inline constexpr std::uint8_t kRedirect = 137;
inline constexpr std::uint8_t kListenerReportV2 = 143;
// Codes of kUnreachable and kParameterProblem.
inline constexpr std::uint8_t kPortUnreachable = 4;
inline constexpr std::uint8_t kUnknownNextHeader = 1;
// RFC 4443 §2.1: types below 128 are errors.
inline constexpr std::uint8_t kFirstInformational = 128;
}  // namespace icmpv6

inline constexpr std::size_t kIcmpHeader = 8;

class IcmpView {
 public:
  static Result<IcmpView> open(Bytes message) {
    if (message.size() < kIcmpHeader) return fail("shorter than an ICMP header");
    return IcmpView(message);
  }
  Bytes bytes() const { return message_; }
  std::uint8_t type() const { return message_[0]; }
  std::uint8_t code() const { return message_[1]; }
  // The four bytes whose meaning depends on the type.
  std::uint32_t rest() const { return load_be32(&message_[4]); }
  Bytes body() const { return message_.subspan(kIcmpHeader); }

 private:
  explicit IcmpView(Bytes message) : message_(message) {}
  Bytes message_;
};

struct IcmpHeader {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest = 0;

  // Writes kIcmpHeader bytes with a checksum of 0; fill_icmp_checksum once the message is whole.
  void write(std::uint8_t* to) const {
    to[0] = type;
    to[1] = code;
    store_be16(to + 2, 0);
    store_be32(to + 4, rest);
  }
};

// Over `message`, which has a zero where the checksum goes. `pseudo` is 0 for ICMP, pseudo_header_sum for
// ICMPv6.
inline void fill_icmp_checksum(MutableBytes message, std::uint32_t pseudo) {
  store_be16(&message[2], checksum_finish(checksum_add(pseudo, message)));
}

// The datagram that an ICMP error is about, as far as it is quoted: addresses, protocol, and the first bytes
// of transport. Only datagrams that were not fragmented, or their first fragments, are understood.
struct Quote {
  IpAddress source;
  IpAddress destination;
  std::uint8_t protocol = 0;
  std::uint32_t total_length = 0;  // of the whole datagram, as its header says
  Bytes transport;                 // at least eight bytes

  static Result<Quote> parse_v4(Bytes body);
  static Result<Quote> parse_v6(Bytes body);
};

}  // namespace postern::wire
