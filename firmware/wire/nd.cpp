// Neighbour discovery messages in and out; see nd.hpp.
#include "firmware/wire/nd.hpp"

#include "firmware/wire/ethernet.hpp"
#include "firmware/wire/icmp.hpp"

namespace postern::wire {
namespace {

constexpr std::uint8_t kSourceMac = 1;
constexpr std::uint8_t kTargetMac = 2;
constexpr std::uint8_t kMtu = 5;
constexpr std::uint8_t kNonce = 14;
constexpr std::size_t kTargetEnd = 24;    // header and target address
constexpr std::size_t kRouterFixed = 16;  // fixed part of a router advertisement
constexpr std::size_t kMacOption = 8;

struct Options {
  std::optional<MacAddress> source_mac;
  std::optional<MacAddress> target_mac;
  std::optional<std::uint32_t> mtu;
  std::optional<Nonce> nonce;
};

// RFC 4861 §4.6: unknown options are skipped; every length counts eight bytes and is not 0.
Result<Options> parse_options(Bytes bytes) {
  Options options;
  while (!bytes.empty()) {
    if (bytes.size() < 8) return fail("ND option is cut short");
    const std::size_t size = bytes[1] * std::size_t{8};
    if (size == 0 || size > bytes.size()) return fail("ND option length is impossible");
    if (bytes[0] == kSourceMac && size == kMacOption) options.source_mac = load_mac(&bytes[2]);
    if (bytes[0] == kTargetMac && size == kMacOption) options.target_mac = load_mac(&bytes[2]);
    if (bytes[0] == kMtu && size == 8) options.mtu = load_be32(&bytes[4]);
    if (bytes[0] == kNonce && size == 8)
      std::memcpy(options.nonce.emplace().data(), &bytes[2], sizeof(Nonce));
    bytes = bytes.subspan(size);
  }
  return options;
}

void write_mac_option(std::uint8_t* to, std::uint8_t kind, const MacAddress& mac) {
  to[0] = kind;
  to[1] = 1;
  store_mac(to + 2, mac);
}

void write_target(std::uint8_t* to, const IpAddress& target) {
  std::memcpy(to + kIcmpHeader, target.bytes.data(), 16);
}

}  // namespace

Result<NeighbourSolicitation> NeighbourSolicitation::parse(Bytes message) {
  if (message.size() < kTargetEnd) return fail("neighbour solicitation is cut short");
  if (message[1] != 0) return fail("neighbour solicitation with a code");
  const auto options = parse_options(message.subspan(kTargetEnd));
  if (!options) return tl::unexpected(options.error());
  const auto target = IpAddress::v6(&message[kIcmpHeader]);
  if (target.is_multicast() || target.is_v4()) return fail("neighbour solicitation for no unicast address");
  return NeighbourSolicitation{target, options->source_mac, options->nonce};
}

std::size_t NeighbourSolicitation::write(std::uint8_t* to) const {
  IcmpHeader{icmpv6::kNeighbourSolicitation, 0, 0}.write(to);
  write_target(to, target);
  std::size_t length = kTargetEnd;
  if (source_mac) {
    write_mac_option(to + length, kSourceMac, *source_mac);
    length += kMacOption;
  }
  if (nonce) {
    to[length] = kNonce;
    to[length + 1] = 1;
    std::memcpy(to + length + 2, nonce->data(), nonce->size());
    length += 8;
  }
  return length;
}

std::size_t RouterSolicitation::write(std::uint8_t* to) const {
  IcmpHeader{icmpv6::kRouterSolicitation, 0, 0}.write(to);
  write_mac_option(to + kIcmpHeader, kSourceMac, source_mac);
  return kIcmpHeader + kMacOption;
}

Result<NeighbourAdvertisement> NeighbourAdvertisement::parse(Bytes message) {
  if (message.size() < kTargetEnd) return fail("neighbour advertisement is cut short");
  if (message[1] != 0) return fail("neighbour advertisement with a code");
  const auto options = parse_options(message.subspan(kTargetEnd));
  if (!options) return tl::unexpected(options.error());
  const auto target = IpAddress::v6(&message[kIcmpHeader]);
  if (target.is_multicast() || target.is_v4()) return fail("neighbour advertisement for no unicast address");
  return NeighbourAdvertisement{.target = target,
                                .router = (message[4] & 0x80) != 0,
                                .solicited = (message[4] & 0x40) != 0,
                                .override_entry = (message[4] & 0x20) != 0,
                                .target_mac = options->target_mac};
}

std::size_t NeighbourAdvertisement::write(std::uint8_t* to) const {
  const std::uint32_t flags =
      (router ? 0x80000000u : 0) | (solicited ? 0x40000000u : 0) | (override_entry ? 0x20000000u : 0);
  IcmpHeader{icmpv6::kNeighbourAdvertisement, 0, flags}.write(to);
  write_target(to, target);
  if (!target_mac) return kTargetEnd;
  write_mac_option(to + kTargetEnd, kTargetMac, *target_mac);
  return kTargetEnd + kMacOption;
}

Result<RouterAdvertisement> RouterAdvertisement::parse(Bytes message) {
  if (message.size() < kRouterFixed) return fail("router advertisement is cut short");
  if (message[1] != 0) return fail("router advertisement with a code");
  const auto options = parse_options(message.subspan(kRouterFixed));
  if (!options) return tl::unexpected(options.error());
  return RouterAdvertisement{load_be16(&message[6]), options->source_mac, options->mtu};
}

std::size_t listener_report_size(std::size_t count) {
  return kIcmpHeader + 20 * count;
}

void write_listener_report(std::uint8_t* to, ListenerRecord kind, const IpAddress* groups,
                           std::size_t count) {
  IcmpHeader{icmpv6::kListenerReportV2, 0, static_cast<std::uint32_t>(count)}.write(to);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t* record = to + kIcmpHeader + 20 * i;
    store_be32(record, static_cast<std::uint32_t>(kind) << 24);
    std::memcpy(record + 4, groups[i].bytes.data(), 16);
  }
}

}  // namespace postern::wire
