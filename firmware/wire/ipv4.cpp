// IPv4 options and the header we send; see ipv4.hpp.
#include "firmware/wire/ipv4.hpp"

namespace postern::wire {

Ipv4Options judge_options(Bytes options) {
  constexpr std::uint8_t kEnd = 0;
  constexpr std::uint8_t kNoOperation = 1;
  constexpr std::uint8_t kLooseSourceRoute = 131;
  constexpr std::uint8_t kStrictSourceRoute = 137;
  while (!options.empty() && options[0] != kEnd) {
    const std::uint8_t type = options[0];
    if (type == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return Ipv4Options::malformed;
    if (type == kLooseSourceRoute || type == kStrictSourceRoute) return Ipv4Options::source_route;
    options = options.subspan(options[1]);
  }
  return Ipv4Options::harmless;
}

void Ipv4Header::write(std::uint8_t* to) const {
  to[0] = 0x45;
  to[1] = ecn;
  store_be16(to + 2, static_cast<std::uint16_t>(kIpv4Header + payload_length));
  // RFC 6864 §4.1: the identification of a datagram that cannot be fragmented has no meaning.
  store_be16(to + 4, 0);
  store_be16(to + 6, 0x4000);
  to[8] = time_to_live;
  to[9] = protocol;
  store_be16(to + 10, 0);
  std::memcpy(to + 12, source.v4_bytes(), 4);
  std::memcpy(to + 16, destination.v4_bytes(), 4);
  store_be16(to + 10, checksum_finish(checksum_add(0, {to, kIpv4Header})));
}

}  // namespace postern::wire
