// Quoted datagrams in ICMP errors, and neighbour discovery messages.
#include "firmware/wire/icmp.hpp"
#include "firmware/wire/ipv4.hpp"
#include "firmware/wire/ipv6.hpp"
#include "firmware/wire/nd.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::wire;

namespace {

using Octets = std::vector<std::uint8_t>;
const IpAddress kTarget = *IpAddress::parse("2001:db8::77");
const MacAddress kMac{{2, 3, 4, 5, 6, 7}};

Octets quoted_v4() {
  Octets bytes(kIpv4Header + 8, 0x11);
  Ipv4Header{.source = *IpAddress::parse("192.0.2.1"),
             .destination = *IpAddress::parse("192.0.2.2"),
             .protocol = protocol::kTcp,
             .payload_length = 1480}
      .write(bytes.data());
  return bytes;
}

Octets solicitation(Octets options = {}) {
  Octets bytes(24);
  NeighbourSolicitation{kTarget, std::nullopt}.write(bytes.data());
  bytes.insert(bytes.end(), options.begin(), options.end());
  return bytes;
}

}  // namespace

TEST_GROUP(Icmp){};

TEST(Icmp, QuoteOfACutDatagramIsUnderstood) {
  const auto quote = Quote::parse_v4(quoted_v4());
  CHECK_TRUE(quote.has_value());
  CHECK_EQUAL(protocol::kTcp, quote->protocol);
  CHECK_EQUAL(1500, quote->total_length);
  CHECK_EQUAL(8, quote->transport.size());
  STRCMP_EQUAL("192.0.2.1", quote->source.text().c_str());
}

TEST(Icmp, QuotesThatSayTooLittleAreRefused) {
  auto bytes = quoted_v4();
  CHECK_FALSE(Quote::parse_v4(Bytes(bytes).first(27)).has_value());
  bytes[0] = 0x46;
  CHECK_FALSE_TEXT(Quote::parse_v4(bytes).has_value(), "its options take the room");
  bytes = quoted_v4();
  store_be16(&bytes[6], 5);
  CHECK_FALSE_TEXT(Quote::parse_v4(bytes).has_value(), "a later fragment");
  bytes = quoted_v4();
  CHECK_FALSE_TEXT(Quote::parse_v6(bytes).has_value(), "not IPv6");
}

TEST(Icmp, QuoteOfIpv6SeesThroughAFirstFragment) {
  Octets bytes(40 + 8 + 8, 0);
  Ipv6Header{
      .source = kTarget, .destination = kTarget, .next_header = protocol::kFragment, .payload_length = 1400}
      .write(bytes.data());
  bytes[40] = protocol::kTcp;
  bytes[43] = 1;
  const auto quote = Quote::parse_v6(bytes);
  CHECK_TRUE(quote.has_value());
  CHECK_EQUAL(protocol::kTcp, quote->protocol);
  bytes[43] = 9;
  CHECK_FALSE(Quote::parse_v6(bytes).has_value());
}

TEST(Icmp, SolicitationComesBackAsWritten) {
  std::uint8_t bytes[NeighbourSolicitation::kMostSize];
  const auto size = NeighbourSolicitation{kTarget, kMac}.write(bytes);
  CHECK_EQUAL(32, size);
  const auto again = NeighbourSolicitation::parse({bytes, size});
  CHECK_TRUE(again && again->target == kTarget && again->source_mac == kMac);
}

TEST(Icmp, AdvertisementComesBackAsWritten) {
  std::uint8_t bytes[NeighbourAdvertisement::kMostSize];
  for (int flags = 0; flags < 8; ++flags) {
    const NeighbourAdvertisement said{.target = kTarget,
                                      .router = (flags & 1) != 0,
                                      .solicited = (flags & 2) != 0,
                                      .override_entry = (flags & 4) != 0,
                                      .target_mac = kMac};
    const auto again = NeighbourAdvertisement::parse({bytes, said.write(bytes)});
    CHECK_TRUE(again && again->target == kTarget && again->target_mac == kMac);
    CHECK_TRUE(again->router == said.router && again->solicited == said.solicited &&
               again->override_entry == said.override_entry);
  }
}

TEST(Icmp, OptionsThatCannotBeAreRefused) {  // RFC 4861 §4.6
  CHECK_TRUE(NeighbourSolicitation::parse(solicitation()).has_value());
  CHECK_TRUE_TEXT(NeighbourSolicitation::parse(solicitation({99, 1, 0, 0, 0, 0, 0, 0})).has_value(),
                  "unknown");
  CHECK_FALSE_TEXT(NeighbourSolicitation::parse(solicitation({1, 0, 0, 0, 0, 0, 0, 0})).has_value(),
                   "length 0");
  CHECK_FALSE_TEXT(NeighbourSolicitation::parse(solicitation({1, 2, 0, 0, 0, 0, 0, 0})).has_value(),
                   "too long");
  CHECK_FALSE_TEXT(NeighbourSolicitation::parse(solicitation({1, 1, 0, 0})).has_value(), "cut");
}

TEST(Icmp, MessagesThatCannotBeAreRefused) {
  auto bytes = solicitation();
  CHECK_FALSE(NeighbourSolicitation::parse(Bytes(bytes).first(23)).has_value());
  bytes[1] = 1;
  CHECK_FALSE_TEXT(NeighbourSolicitation::parse(bytes).has_value(), "a code");
  bytes = solicitation();
  bytes[8] = 0xff;
  CHECK_FALSE_TEXT(NeighbourSolicitation::parse(bytes).has_value(), "asks for a group");
  CHECK_FALSE(NeighbourAdvertisement::parse(bytes).has_value());
}

TEST(Icmp, RouterAdvertisementIsRead) {
  const Octets bytes{134, 0, 0, 0, 64, 0, 7, 8,   0, 0, 0, 0, 0, 0, 0, 0,  // header
                     1,   1, 2, 3, 4,  5, 6, 7,                            // its MAC address
                     5,   1, 0, 0, 0,  0, 5, 0xdc};                        // MTU 1500
  const auto said = RouterAdvertisement::parse(bytes);
  CHECK_TRUE(said && said->source_mac == kMac);
  CHECK_EQUAL(0x708, said->lifetime_seconds);
  CHECK_EQUAL(1500, said->mtu.value_or(0));
  CHECK_FALSE(RouterAdvertisement::parse(Bytes(bytes).first(15)).has_value());
}

TEST(Icmp, ListenerReportNamesEveryGroup) {
  const IpAddress groups[] = {solicited_node(kTarget), *IpAddress::parse("ff02::1:ff00:1")};
  Octets bytes(listener_report_size(2));
  write_listener_report(bytes.data(), ListenerRecord::to_exclude, groups, 2);
  CHECK_EQUAL(48, bytes.size());
  CHECK_EQUAL(143, bytes[0]);
  CHECK_EQUAL(2, load_be16(&bytes[6]));
  CHECK_EQUAL(4, bytes[8]);
  CHECK(IpAddress::v6(&bytes[12]) == groups[0]);
  CHECK(IpAddress::v6(&bytes[32]) == groups[1]);
}
