// Routers that advertise themselves: ignored, or believed where the settings say so. RFC 4861 §6.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;

TEST_GROUP(RoutersTest) {
  static Settings believing() {
    auto made = settings(1, {"2001:db8::1/64"});
    made.router_advertisements = true;
    return made;
  }
  Host host{believing()};
  const wire::IpAddress far = ip("2001:db8:ffff::1");

  void setup() override {
    settle(host);
  }

  // An advertisement from fe80::`last`.
  void advertise(std::uint8_t last, std::uint16_t lifetime, Instant now, std::uint8_t hop_limit = 255,
                 bool link_local = true) {
    Octets message(24);
    message[0] = wire::icmpv6::kRouterAdvertisement;
    store_be16(&message[6], lifetime);
    message[16] = 1, message[17] = 1;  // source link-layer address
    wire::store_mac(&message[18], mac(last));
    auto source = link_local ? ip("fe80::") : ip("2001:db8::");
    source.bytes[15] = last;
    const auto all = ip("ff02::1");
    host.receive(
        icmpv6_frame(
            {.to = wire::multicast_mac(all), .from = mac(last), .source = source, .destination = all},
            message, hop_limit),
        now);
  }
  std::uint8_t way_out() {
    const auto route = host.stack.route(far);
    return route ? route->next_hop.bytes[15] : 0;
  }
};

TEST(RoutersTest, TheyAreIgnoredUnlessTheSettingsSayOtherwise) {
  Host other{settings(1, {"2001:db8::1/64"})};
  settle(other);
  Octets message(16);
  message[0] = wire::icmpv6::kRouterAdvertisement;
  store_be16(&message[6], 1800);
  other.receive(icmpv6_frame({.to = {{0x33, 0x33, 0, 0, 0, 1}},
                              .from = mac(9),
                              .source = ip("fe80::9"),
                              .destination = ip("ff02::1")},
                             message),
                at(0s));
  CHECK_EQUAL(1, other.counters.dropped_router_advertisement);
  CHECK_FALSE(other.stack.route(far).has_value());
}

TEST(RoutersTest, OneIsTheWayOutForAsLongAsItSaid) {  // RFC 4861 §6.3.4, §5.1
  CHECK_EQUAL(0, way_out());
  advertise(9, 60, at(0s));
  CHECK_EQUAL(9, way_out());
  host.poll(at(59s));
  CHECK_EQUAL(9, way_out());
  CHECK(host.stack.next_deadline() <= at(60s));
  host.poll(at(60s));
  CHECK_EQUAL(0, way_out());
}

TEST(RoutersTest, ItsMacIsKnownFromTheAdvertisement) {  // RFC 4861 §6.3.4
  advertise(9, 60, at(0s));
  CHECK_TRUE(host.send(far, bytes_of(20), at(0s)));
  CHECK_EQUAL(1, host.sink.sent.size());
  CHECK(wire::load_mac(host.sink.sent[0].bytes.data()) == mac(9));
}

TEST(RoutersTest, ALifetimeOfZeroEndsIt) {  // RFC 4861 §6.3.4
  advertise(9, 60, at(0s));
  advertise(9, 0, at(1s));
  CHECK_EQUAL(0, way_out());
}

TEST(RoutersTest, AStaticRouteGoesFirst) {
  auto made = believing();
  made.routes.push_back({.destination = prefix("::/0"), .gateway = ip("fe80::77")});
  Host fixed{made};
  settle(fixed);
  CHECK(fixed.stack.route(far)->next_hop == ip("fe80::77"));
}

TEST(RoutersTest, WhatIsNotFromALinkLocalRouterOnTheLinkIsRefused) {  // RFC 4861 §6.1.2
  advertise(9, 60, at(0s), 254);
  advertise(9, 60, at(0s), 255, false);
  CHECK_EQUAL(0, way_out());
  CHECK_EQUAL(2, host.counters.dropped_nd);
}

TEST(RoutersTest, AFloodOfRoutersDoesNotPushOutTheFirst) {
  for (std::uint8_t last = 9; last < 200; ++last) advertise(last, 60, at(0s));
  CHECK_EQUAL(9, way_out());
  CHECK_EQUAL(191 - 4, host.counters.routers_full);
}

TEST(RoutersTest, OneThatDoesNotAnswerGivesWay) {  // RFC 4861 §6.3.6
  advertise(9, 600, at(0s));
  advertise(10, 600, at(0s));
  CHECK_EQUAL(9, way_out());
  host.send(far, bytes_of(20), at(0s));
  for (auto second = 0s; second < 15s; ++second) host.poll(at(second));
  CHECK_EQUAL(10, way_out());
}

TEST(RoutersTest, OneThatIsNoRouterAnyMoreIsNotTheWayOut) {  // RFC 4861 §7.2.5
  advertise(9, 600, at(0s));
  const wire::NeighbourAdvertisement said{
      .target = ip("fe80::9"), .override_entry = true, .target_mac = mac(9)};
  Octets bytes(wire::NeighbourAdvertisement::kMostSize);
  bytes.resize(said.write(bytes.data()));
  host.receive(icmpv6_frame({.to = {{0x33, 0x33, 0, 0, 0, 1}},
                             .from = mac(9),
                             .source = ip("fe80::9"),
                             .destination = ip("ff02::1")},
                            bytes),
               at(1s));
  CHECK_EQUAL(0, way_out());
}

TEST(RoutersTest, TheyAreAskedForThreeTimesOrUntilOneAnswers) {  // RFC 4861 §6.3.7, §10
  Host silent{believing()};
  int asked = 0;
  for (auto second = 0s; second < 60s; ++second) {
    silent.poll(at(second));
    for (; !silent.sink.sent.empty(); silent.sink.sent.pop_front()) {
      const auto view = wire::Ipv6View::open(Bytes(silent.sink.sent.front().bytes).subspan(14));
      if (view->next_header() != 58 || view->payload()[0] != wire::icmpv6::kRouterSolicitation) continue;
      ++asked;
      CHECK(view->destination() == ip("ff02::2") && view->source().is_link_local() &&
            view->hop_limit() == 255);
    }
  }
  CHECK_EQUAL(3, asked);
}
