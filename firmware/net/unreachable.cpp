// ICMP errors that we send, about datagrams that we do not want.
//
// RFC 1122 §3.2.2 and RFC 4443 §2.4 (e): never about an error, a fragment, or anything sent to a group or
// from no single host; and not too many (f).
#include <algorithm>

#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

// RFC 1812 §4.3.2.3 and RFC 4443 §2.4 (c): as much of the datagram as keeps the error below these lengths.
constexpr std::size_t kMostErrorV4 = 576;
constexpr std::size_t kMostErrorV6 = 1280;

constexpr std::uint8_t kReassemblyTime = 1;  // code of time exceeded, RFC 792 and RFC 4443 §3.3

bool is_error_itself(const Datagram& datagram) {
  if (datagram.payload.empty()) return false;
  return datagram.protocol == wire::protocol::kIcmpv6 &&
         datagram.payload[0] < wire::icmpv6::kFirstInformational;
}

}  // namespace

void Stack::State::send_error(const ErrorFor& about, std::uint8_t type, std::uint8_t code,
                              std::uint32_t rest) {
  const bool v4 = about.to.is_v4();
  const std::size_t most = v4 ? kMostErrorV4 - wire::kIpv4Header : kMostErrorV6 - wire::kIpv6Header;
  const std::size_t length = std::min(most, wire::kIcmpHeader + about.header.size() + about.rest.size());
  const auto protocol = v4 ? wire::protocol::kIcmp : wire::protocol::kIcmpv6;
  const Draft error = draft(about.port, about.to_mac, about.from, about.to, protocol, length);
  if (!error) return;
  wire::IcmpHeader{type, code, rest}.write(error.payload);
  const std::size_t first = std::min(length - wire::kIcmpHeader, about.header.size());
  std::memcpy(error.payload + wire::kIcmpHeader, about.header.data(), first);
  if (length > wire::kIcmpHeader + first) {
    std::memcpy(error.payload + wire::kIcmpHeader + first, about.rest.data(),
                length - wire::kIcmpHeader - first);
  }
  const auto size = static_cast<std::uint32_t>(length);
  wire::fill_icmp_checksum({error.payload, length},
                           v4 ? 0 : wire::pseudo_header_sum(about.from, about.to, protocol, size));
  ++counters.icmp_errors_out;
  queue(error.parcel);
}

void Stack::State::refuse(Incoming& in, const Datagram& datagram, std::uint8_t type, std::uint8_t code,
                          std::uint32_t rest) {
  const bool about_many = datagram.to_group || !in.link_unicast || datagram.source.is_unspecified();
  if (about_many || in.fragmented || is_error_itself(datagram)) return;
  if (!error_budget.take(in.now)) return void(++counters.icmp_limited);
  send_error({in.port, in.from, datagram.destination, datagram.source, datagram.quoted, {}}, type, code,
             rest);
}

// RFC 1122 §3.2.2, RFC 4443 §2.4 (e): no error about an error, even one that came in pieces.
bool Stack::State::may_refer_to(const Reassembly::Expired& expired) const {
  const std::uint8_t type = expired.payload[0];
  if (expired.protocol == wire::protocol::kTcp) return true;
  return expired.source.is_v4() ? type == wire::icmpv4::kEchoRequest : type == wire::icmpv6::kEchoRequest;
}

// RFC 1122 §3.3.2, RFC 8200 §4.5: the first fragment came, the others did not.
void Stack::State::give_up(const Reassembly::Expired& expired, Instant now) {
  const LocalAddress* own = local.find(expired.destination);
  if (own == nullptr || !own->usable() || !may_refer_to(expired)) return;
  if (!error_budget.take(now)) return void(++counters.icmp_limited);
  const bool v4 = expired.source.is_v4();
  ++counters.time_exceeded_out;
  send_error(
      {expired.port, expired.from, expired.destination, expired.source, expired.header, expired.payload},
      v4 ? wire::icmpv4::kTimeExceeded : wire::icmpv6::kTimeExceeded, kReassemblyTime, 0);
}

}  // namespace postern::net
