// The datagram quoted in an ICMP error; see icmp.hpp.
//
// A quote is usually cut, so the views of ipv4.hpp and ipv6.hpp, which want whole datagrams, do not serve
// here.
#include "firmware/wire/icmp.hpp"

#include "firmware/wire/ipv6.hpp"

namespace postern::wire {
namespace {

constexpr std::size_t kTransportQuoted = 8;  // RFC 792: the first 64 bits of the datagram's data

}  // namespace

Result<Quote> Quote::parse_v4(Bytes body) {
  if (body.size() < kIpv4Header || body[0] >> 4 != 4) return fail("quotes no IPv4 header");
  const std::size_t header = (body[0] & 0x0f) * std::size_t{4};
  if (header < kIpv4Header || body.size() < header + kTransportQuoted) return fail("quotes too little");
  if ((load_be16(&body[6]) & 0x1fff) != 0) return fail("quotes a later fragment");
  return Quote{.source = IpAddress::v4(&body[12]),
               .destination = IpAddress::v4(&body[16]),
               .protocol = body[9],
               .total_length = load_be16(&body[2]),
               .transport = body.subspan(header)};
}

Result<Quote> Quote::parse_v6(Bytes body) {
  if (body.size() < kIpv6Header || body[0] >> 4 != 6) return fail("quotes no IPv6 header");
  Ipv6Walk walk = walk_extensions(body[6], body.subspan(kIpv6Header), true);
  if (walk.end == Ipv6Walk::End::fragment) {
    const auto fragment = FragmentView::open(walk.rest);
    if (!fragment || fragment->offset() != 0) return fail("quotes a later fragment");
    walk = walk_extensions(fragment->next_header(), fragment->payload(), false);
  }
  if (walk.end != Ipv6Walk::End::upper || walk.rest.size() < kTransportQuoted)
    return fail("quotes too little");
  return Quote{.source = IpAddress::v6(&body[8]),
               .destination = IpAddress::v6(&body[24]),
               .protocol = walk.protocol,
               .total_length = static_cast<std::uint32_t>(kIpv6Header) + load_be16(&body[4]),
               .transport = walk.rest};
}

}  // namespace postern::wire
