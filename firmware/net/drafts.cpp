// Frames of our own, headers written.
#include "firmware/net/state.hpp"

namespace postern::net {

// A parcel for `length` bytes behind the Ethernet header; null, and counted, where there is none.
Parcel* Stack::State::blank(PortIndex port, std::size_t length) {
  if (length > settings.interfaces[port].mtu) {
    ++counters.send_too_long;
    return nullptr;
  }
  Parcel* parcel = outbox.take_answer();
  if (parcel == nullptr) {
    ++counters.answers_full;
    return nullptr;
  }
  parcel->port = port;
  parcel->length = static_cast<std::uint16_t>(wire::kEthernetHeader + length);
  parcel->checksum = ChecksumState::unknown;
  return parcel;
}

Draft Stack::State::draft(PortIndex port, const wire::MacAddress& to, const wire::IpAddress& source,
                          const wire::IpAddress& destination, std::uint8_t protocol, std::size_t length,
                          std::uint8_t hop_limit) {
  const bool v4 = destination.is_v4();
  const std::size_t header = v4 ? wire::kIpv4Header : wire::kIpv6Header;
  Parcel* parcel = blank(port, header + length);
  if (parcel == nullptr) return {};
  const auto payload_length = static_cast<std::uint16_t>(length);
  std::uint8_t* ip = parcel->bytes + wire::kEthernetHeader;
  wire::EthernetHeader{to, mac(port), v4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6}.write(
      parcel->bytes);
  if (v4) {
    wire::Ipv4Header{.source = source,
                     .destination = destination,
                     .protocol = protocol,
                     .time_to_live = hop_limit,
                     .payload_length = payload_length}
        .write(ip);
  } else {
    wire::Ipv6Header{.source = source,
                     .destination = destination,
                     .next_header = protocol,
                     .hop_limit = hop_limit,
                     .payload_length = payload_length}
        .write(ip);
  }
  return {parcel, ip + header};
}

}  // namespace postern::net
