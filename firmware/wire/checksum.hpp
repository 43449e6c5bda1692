// The Internet checksum: the one's complement sum of 16-bit words.
//
// A running sum is a 32-bit number whose value modulo 65535 counts; pieces are added with `checksum_add`.
// Every piece except the last has an even length. Because 2^16 = 1 (mod 65535), words may be added eight
// bytes at a time and in the machine's own byte order, and folded and swapped once at the end.
//
// RFC 1071 (computing), RFC 1624 (incremental update), RFC 9293 §3.1 and RFC 8200 §8.1 (pseudo-headers).
#pragma once

#include <cstdint>

#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"

namespace postern::wire {

// `sum` with `bytes` added. An odd last byte counts as if a zero byte followed it.
std::uint32_t checksum_add(std::uint32_t sum, Bytes bytes);

// The sum of the pseudo-header. One function serves both families: the mapped prefix of an IPv4 address adds
// 0xffff, which is zero in one's complement.
std::uint32_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                std::uint32_t length);

// The 16-bit sum, not complemented: what a device that completes checksums wants to find in the field.
inline std::uint16_t checksum_fold(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// The checksum field's value, for store_be16. Over data that carries a right checksum it is 0.
inline std::uint16_t checksum_finish(std::uint32_t sum) {
  return static_cast<std::uint16_t>(~checksum_fold(sum));
}

// The checksum field after one 16-bit word that it covers has changed from `before` to `after`.
inline std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  // RFC 1624 §3, eqn. 3: HC' = ~(~HC + ~m + m')
  const auto inverted = [](std::uint16_t value) { return static_cast<std::uint16_t>(~value); };
  return checksum_finish(std::uint32_t{inverted(checksum)} + inverted(before) + after);
}

}  // namespace postern::wire
