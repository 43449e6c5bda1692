// Ethernet II frames with at most one 802.1Q tag.
//
// A view that exists has its whole header, and its tag where it says there is one. RFC 894, RFC 2464, IEEE
// 802.1Q.
#pragma once

#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::wire {

enum class EtherType : std::uint16_t { ipv4 = 0x0800, arp = 0x0806, vlan = 0x8100, ipv6 = 0x86dd };

inline constexpr std::size_t kEthernetHeader = 14;
inline constexpr std::size_t kVlanTag = 4;

inline MacAddress load_mac(const std::uint8_t* from) {
  MacAddress mac;
  std::memcpy(mac.bytes.data(), from, 6);
  return mac;
}

inline void store_mac(std::uint8_t* to, const MacAddress& mac) {
  std::memcpy(to, mac.bytes.data(), 6);
}

class EthernetView {
 public:
  static Result<EthernetView> open(Bytes frame) {
    if (frame.size() < kEthernetHeader) return fail("shorter than an Ethernet header");
    const bool tagged = load_be16(&frame[12]) == static_cast<std::uint16_t>(EtherType::vlan);
    if (tagged && frame.size() < kEthernetHeader + kVlanTag) return fail("shorter than its 802.1Q tag");
    return EthernetView(frame, tagged);
  }

  MacAddress destination() const { return load_mac(frame_.data()); }
  MacAddress source() const { return load_mac(frame_.data() + 6); }
  // 0 where there is no tag, and for a tag that carries a priority only.
  std::uint16_t vlan() const {
    return tagged_ ? static_cast<std::uint16_t>(load_be16(&frame_[14]) & 0x0fff) : std::uint16_t{0};
  }
  // The type behind the tag.
  EtherType type() const { return static_cast<EtherType>(load_be16(&frame_[header() - 2])); }
  Bytes payload() const { return frame_.subspan(header()); }

 private:
  EthernetView(Bytes frame, bool tagged) : frame_(frame), tagged_(tagged) {}
  std::size_t header() const { return tagged_ ? kEthernetHeader + kVlanTag : kEthernetHeader; }

  Bytes frame_;
  bool tagged_;
};

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  EtherType type;

  // Writes kEthernetHeader bytes.
  void write(std::uint8_t* to) const {
    store_mac(to, destination);
    store_mac(to + 6, source);
    store_be16(to + 12, static_cast<std::uint16_t>(type));
  }
};

}  // namespace postern::wire
