// What net found in a frame, in the words of tcp: the engines do not know each other. Also for what joins the
// two without a shard (tools/tcp_host).
#pragma once

#include "firmware/net/stack.hpp"
#include "firmware/tcp/engine.hpp"

namespace postern::shard {

inline constexpr std::uint8_t kTcp = 6;  // IANA protocol number

// Of an arrival of the kind `segment`.
inline tcp::SegmentInfo segment_info(const net::Arrival& arrival) {
  return {.source = arrival.source,
          .destination = arrival.destination,
          .ecn = arrival.ecn,
          .checksum_good = arrival.checksum_good};
}

// Of an arrival of the kind `error`.
inline tcp::IcmpError icmp_error(const net::Arrival& arrival) {
  using From = net::Arrival::ErrorKind;
  using To = tcp::IcmpError::Kind;
  const auto kind = arrival.error_kind == From::packet_too_big     ? To::packet_too_big
                    : arrival.error_kind == From::unreachable_hard ? To::unreachable_hard
                                                                   : To::unreachable_soft;
  return {
      .flow = arrival.error_flow, .kind = kind, .sequence = arrival.error_sequence, .mtu = arrival.error_mtu};
}

}  // namespace postern::shard
