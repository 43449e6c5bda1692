// Two stacks on one wire: they find each other and exchange what they are given.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net::test;
namespace net_room = postern::net;

TEST_GROUP(TwoStacks) {
  Host a{settings(1, {"192.0.2.1/24", "2001:db8::1/64"})};
  Host b{settings(2, {"192.0.2.2/24", "2001:db8::2/64"})};

  void setup() override {
    settle(a);
    settle(b);
  }
  void teardown() override {
    CHECK_EQUAL(0, a.sink.outstanding);
    CHECK_EQUAL(0, b.sink.outstanding);
  }
};

TEST(TwoStacks, PayloadOverIpv4WaitsForArpAndArrives) {
  const auto payload = bytes_of(100);
  CHECK(a.send(ip("192.0.2.2"), payload, at(0s)));
  CHECK_TRUE(a.sink.sent.empty());
  exchange(a, b, at(0s));
  CHECK_EQUAL(1, b.segments.size());
  CHECK(b.segments[0] == payload);
  CHECK(b.last.kind == net_room::Arrival::Kind::segment);
  CHECK(b.last.source == ip("192.0.2.1") && b.last.destination == ip("192.0.2.2"));
  CHECK_EQUAL(1, a.counters.neighbours_resolved);
}

TEST(TwoStacks, PayloadOverIpv6WaitsForNeighbourDiscoveryAndArrives) {
  const auto payload = bytes_of(1440);
  CHECK(a.send(ip("2001:db8::2"), payload, at(0s)));
  exchange(a, b, at(0s));
  CHECK_EQUAL(1, b.segments.size());
  CHECK(b.segments[0] == payload);
  CHECK(b.last.source == ip("2001:db8::1") && b.last.destination == ip("2001:db8::2"));
}

TEST(TwoStacks, LinkLocalAddressesReachEachOther) {  // RFC 4862 §5.3, RFC 6724 §5
  const auto b_local = wire::link_local(mac(2));
  CHECK(a.send(b_local, bytes_of(20), at(0s)));
  exchange(a, b, at(0s));
  CHECK_EQUAL(1, b.segments.size());
  CHECK(b.last.source == wire::link_local(mac(1)));
}

TEST(TwoStacks, WhoWasAskedAnswersWithoutAsking) {  // RFC 826, RFC 4861 §7.2.3
  a.send(ip("192.0.2.2"), bytes_of(20), at(0s));
  exchange(a, b, at(0s));
  CHECK(b.send(ip("192.0.2.1"), bytes_of(30), at(0s)));
  CHECK_EQUAL(1, b.sink.sent.size());
  exchange(a, b, at(0s));
  CHECK_EQUAL(1, a.segments.size());
}

TEST(TwoStacks, EchoRequestsComeBackWithTheirData) {  // RFC 792, RFC 1122 §3.2.2.6, RFC 4443 §4.2
  const Envelope v4{.to = mac(2), .from = mac(1), .source = ip("192.0.2.1"), .destination = ip("192.0.2.2")};
  b.receive(
      ipv4_frame(v4, wire::protocol::kIcmp, icmp(wire::icmpv4::kEchoRequest, 0, 0x12340001, bytes_of(57))),
      at(0s));
  const auto reply = b.answer(at(0s)).bytes;
  const auto view = wire::Ipv4View::open(Bytes(reply).subspan(14));
  CHECK_TRUE(view && view->checksum_good());
  CHECK(view->source() == v4.destination && view->destination() == v4.source);
  CHECK(Octets(view->payload().begin(), view->payload().end()) ==
        icmp(wire::icmpv4::kEchoReply, 0, 0x12340001, bytes_of(57)));

  const Envelope v6{
      .to = mac(2), .from = mac(1), .source = ip("2001:db8::1"), .destination = ip("2001:db8::2")};
  b.receive(icmpv6_frame(v6, icmp(wire::icmpv6::kEchoRequest, 0, 0x43210002, bytes_of(64)), 64), at(0s));
  const auto reply6 = b.answer(at(0s)).bytes;
  const auto view6 = wire::Ipv6View::open(Bytes(reply6).subspan(14));
  CHECK_TRUE(view6.has_value());
  CHECK(Octets(view6->payload().begin(), view6->payload().end()) ==
        icmp(wire::icmpv6::kEchoReply, 0, 0x43210002, bytes_of(64),
             wire::pseudo_header_sum(v6.destination, v6.source, 58, 72)));
}

TEST(TwoStacks, EveryWaitingFrameLeavesInOrder) {
  for (std::uint8_t i = 0; i < 4; ++i) a.send(ip("2001:db8::2"), bytes_of(20, i), at(0s));
  exchange(a, b, at(0s));
  CHECK_EQUAL(4, b.segments.size());
  for (std::uint8_t i = 0; i < 4; ++i) CHECK(b.segments[i] == bytes_of(20, i));
}
