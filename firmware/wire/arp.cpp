// ARP packets in and out; see arp.hpp.
#include "firmware/wire/arp.hpp"

#include "firmware/wire/ethernet.hpp"

namespace postern::wire {
namespace {

// Hardware type Ethernet, protocol type IPv4, lengths 6 and 4.
constexpr std::uint8_t kFixed[] = {0, 1, 0x08, 0, 6, 4};

}  // namespace

Result<Arp> Arp::parse(Bytes packet) {
  if (packet.size() < kSize) return fail("shorter than an ARP packet");
  if (std::memcmp(packet.data(), kFixed, sizeof kFixed) != 0) return fail("ARP for something else");
  const auto operation = load_be16(&packet[6]);
  if (operation != 1 && operation != 2) return fail("neither ARP request nor reply");
  Arp arp;
  arp.operation = static_cast<Operation>(operation);
  arp.sender_mac = load_mac(&packet[8]);
  arp.sender = IpAddress::v4(&packet[14]);
  arp.target_mac = load_mac(&packet[18]);
  arp.target = IpAddress::v4(&packet[24]);
  return arp;
}

void Arp::write(std::uint8_t* to) const {
  std::memcpy(to, kFixed, sizeof kFixed);
  store_be16(to + 6, static_cast<std::uint16_t>(operation));
  store_mac(to + 8, sender_mac);
  std::memcpy(to + 14, sender.v4_bytes(), 4);
  store_mac(to + 18, target_mac);
  std::memcpy(to + 24, target.v4_bytes(), 4);
}

}  // namespace postern::wire
