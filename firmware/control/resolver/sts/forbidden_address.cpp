// Addresses that are not public: see the header.
#include "firmware/control/resolver/sts/forbidden_address.hpp"

#include <algorithm>
#include <array>

namespace postern::resolver {

namespace {

using V4 = std::array<std::uint8_t, 4>;

struct V4Network {
  V4 address;
  int length;
};

// "This network", private use, shared use, loopback, link-local, protocol assignments, benchmarks, multicast,
// reserved. The documentation networks lead nowhere and are not listed.
constexpr auto kV4 = std::to_array<V4Network>({
    {{0, 0, 0, 0}, 8},
    {{10, 0, 0, 0}, 8},
    {{100, 64, 0, 0}, 10},
    {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16},
    {{172, 16, 0, 0}, 12},
    {{192, 0, 0, 0}, 24},
    {{192, 168, 0, 0}, 16},
    {{198, 18, 0, 0}, 15},
    {{224, 0, 0, 0}, 4},
    {{240, 0, 0, 0}, 4},
});

bool is_forbidden_v4(const std::uint8_t* bytes) {
  const auto address = load_be32(bytes);
  return std::any_of(kV4.begin(), kV4.end(), [&](const V4Network& network) {
    const auto mask = ~std::uint32_t{0} << (32 - network.length);
    return (address & mask) == load_be32(network.address.data());
  });
}

}  // namespace

bool is_forbidden(const wire::IpAddress& address) {
  if (address.is_v4()) return is_forbidden_v4(address.v4_bytes());
  const auto* bytes = address.bytes.data();
  if (address.is_unspecified() || address.is_loopback() || address.is_multicast() || address.is_link_local())
    return true;
  if ((bytes[0] & 0xfe) == 0xfc) return true;                      // unique local, RFC 4193 §3
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0) return true;  // site local, RFC 3879
  if (std::all_of(bytes, bytes + 12, [](auto byte) { return byte == 0; })) return true;
  // An IPv4 address inside counts as itself.
  constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xff, 0x9b};
  if (std::equal(kNat64.begin(), kNat64.end(), bytes)) return is_forbidden_v4(bytes + 12);
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_forbidden_v4(bytes + 2);
  return false;
}

}  // namespace postern::resolver
