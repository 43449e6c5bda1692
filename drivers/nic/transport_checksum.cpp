// The one's complement sum over the transport part.
#include "drivers/nic/transport_checksum.hpp"

namespace postern::nic {
namespace {

// RFC 1071 §1. Sums big-endian 16-bit words; an odd last byte counts as the high half of one.
std::uint16_t ones_sum(Bytes bytes) {
  std::uint64_t sum = 0;
  while (bytes.size() >= 2) {
    sum += load_be16(bytes.data());
    bytes = bytes.subspan(2);
  }
  if (!bytes.empty()) sum += std::uint64_t{bytes[0]} << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// End of the IP packet, which may be before the end of a padded frame.
std::size_t packet_end(const Frame& frame) {
  const auto* ip = frame.data + frame.l3_offset;
  const bool v4 = ip[0] >> 4 == 4;
  return frame.l3_offset + (v4 ? std::size_t{load_be16(ip + 2)} : std::size_t{40} + load_be16(ip + 4));
}

}  // namespace

void complete_transport_checksum(const Frame& frame) {
  const auto* ip = frame.data + frame.l3_offset;
  if (frame.length < frame.l3_offset + 40u) return;
  const bool v4 = ip[0] >> 4 == 4;
  const auto protocol = ip[v4 ? 9 : 6];
  const std::size_t field = frame.l4_offset + (protocol == 6 ? 16u : 2u);  // TCP; ICMPv6
  const auto end = packet_end(frame);
  if (end > frame.length || field + 2 > end) return;
  const auto sum = ones_sum(frame.bytes().subspan(frame.l4_offset, end - frame.l4_offset));
  store_be16(frame.data + field, static_cast<std::uint16_t>(~sum));
}

}  // namespace postern::nic
