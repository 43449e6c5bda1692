// Ethernet and ARP: what the door lets in, and what is written.
#include "firmware/wire/arp.hpp"
#include "firmware/wire/ethernet.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::wire;

namespace {

const MacAddress kA{{2, 0, 0, 0, 0, 0xa}};
const MacAddress kB{{2, 0, 0, 0, 0, 0xb}};

std::vector<std::uint8_t> tagged(std::uint16_t tag) {
  std::vector<std::uint8_t> frame(18 + 4);
  EthernetHeader{kA, kB, EtherType::vlan}.write(frame.data());
  store_be16(&frame[14], tag);
  store_be16(&frame[16], 0x86dd);
  frame[18] = 0x77;
  return frame;
}

}  // namespace

TEST_GROUP(Link){};

TEST(Link, HeaderComesBackAsWritten) {
  std::uint8_t frame[15] = {};
  EthernetHeader{kA, kB, EtherType::arp}.write(frame);
  const auto view = EthernetView::open(frame);
  CHECK_TRUE(view.has_value());
  CHECK(view->destination() == kA && view->source() == kB && view->type() == EtherType::arp);
  CHECK_EQUAL(0, view->vlan());
  CHECK_EQUAL(1, view->payload().size());
}

TEST(Link, ShortFramesAreRefused) {
  const std::uint8_t bytes[17] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81, 0};
  CHECK_FALSE(EthernetView::open({bytes, 13}).has_value());
  CHECK_FALSE_TEXT(EthernetView::open(bytes).has_value(), "the tag is cut");
}

TEST(Link, OneTagIsSeenThrough) {
  const auto frame = tagged(0x6005);
  const auto view = EthernetView::open(frame);
  CHECK_EQUAL(5, view->vlan());
  CHECK(view->type() == EtherType::ipv6);
  CHECK_EQUAL(0x77, view->payload()[0]);
}

TEST(Link, APriorityTagNamesNoVlan) {
  CHECK_EQUAL(0, EthernetView::open(tagged(0xe000))->vlan());
}

TEST(Link, ArpComesBackAsWritten) {
  const Arp arp{.operation = Arp::Operation::reply,
                .sender_mac = kA,
                .sender = *IpAddress::parse("192.0.2.1"),
                .target_mac = kB,
                .target = *IpAddress::parse("192.0.2.2")};
  std::uint8_t bytes[Arp::kSize];
  arp.write(bytes);
  const auto again = Arp::parse(bytes);
  CHECK_TRUE(again.has_value());
  CHECK(again->operation == arp.operation && again->sender == arp.sender && again->target == arp.target);
  CHECK(again->sender_mac == kA && again->target_mac == kB);
}

TEST(Link, ArpAboutSomethingElseIsRefused) {
  std::uint8_t good[Arp::kSize];
  Arp{}.write(good);
  CHECK_TRUE(Arp::parse(good).has_value());
  CHECK_FALSE(Arp::parse({good, Arp::kSize - 1}).has_value());
  for (const std::size_t field : {1, 2, 4, 5, 7}) {  // hardware, protocol, their lengths, operation
    std::uint8_t bad[Arp::kSize];
    std::memcpy(bad, good, sizeof bad);
    bad[field] = 9;
    CHECK_FALSE(Arp::parse(bad).has_value());
  }
}

TEST(Link, GroupsHaveTheirMacAddresses) {
  const auto mac_of = [](std::string_view text) { return multicast_mac(*IpAddress::parse(text)); };
  CHECK(mac_of("224.129.2.3") ==
        (MacAddress{{0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}}));  // RFC 1112 §6.4: 23 bits
  CHECK(mac_of("ff02::1:ffab:cdef") == (MacAddress{{0x33, 0x33, 0xff, 0xab, 0xcd, 0xef}}));
  STRCMP_EQUAL("ff02::1:ff12:3456", solicited_node(*IpAddress::parse("2001:db8::9912:3456")).text().c_str());
  // The example of RFC 2464 §5.
  STRCMP_EQUAL("fe80::3656:78ff:fe9a:bcde",
               link_local(MacAddress{{0x34 ^ 0, 0x56, 0x78, 0x9a, 0xbc, 0xde}}).text().c_str());
}
