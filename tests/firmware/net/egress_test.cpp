// On the way out: routes, headers, and frames that cannot leave.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;

namespace {

Settings office_and_internet() {
  auto made = settings(1, {"192.0.2.1/24", "2001:db8::1/64", "fe80::1/64"});
  made.interfaces.push_back(
      {.mac = mac(2), .mtu = 1400, .addresses = {prefix("10.0.0.1/8"), prefix("fd00::1/64")}});
  made.routes = {{prefix("0.0.0.0/0"), ip("192.0.2.254"), 0},
                 {prefix("::/0"), ip("fe80::254"), 0},
                 {prefix("172.16.0.0/12"), ip("10.0.0.254"), 1}};
  return made;
}

}  // namespace

TEST_GROUP(Egress) {
  Host host{office_and_internet()};

  void setup() override {
    settle(host);
  }
  void teardown() override {
    CHECK_EQUAL(0, host.sink.outstanding);
  }

  std::string route(std::string_view to) {
    const auto found = host.stack.route(ip(to));
    if (!found) return "none";
    return std::to_string(found->port) + " " + found->source.text() + " " + found->next_hop.text() + " " +
           std::to_string(found->mtu);
  }
  // Makes `address` a known neighbour on port 0.
  void introduce(std::string_view address, std::string_view ours) {
    const wire::Arp asks{.sender_mac = mac(9), .sender = ip(address), .target = ip(ours)};
    host.receive(arp_frame(wire::kBroadcastMac, asks), at(0s));
    host.stack.drain(host.sink, at(0s));
    host.sink.sent.clear();
  }
};

TEST(Egress, TheLongestPrefixDecides) {  // RFC 1122 §3.3.1.2
  STRCMP_EQUAL("0 192.0.2.1 192.0.2.9 1500", route("192.0.2.9").c_str());
  STRCMP_EQUAL("0 192.0.2.1 192.0.2.254 1500", route("203.0.113.9").c_str());
  STRCMP_EQUAL("1 10.0.0.1 10.9.9.9 1400", route("10.9.9.9").c_str());
  STRCMP_EQUAL("1 10.0.0.1 10.0.0.254 1400", route("172.20.1.1").c_str());
  STRCMP_EQUAL("0 2001:db8::1 fe80::254 1500", route("2001:db8:ffff::1").c_str());
  STRCMP_EQUAL("1 fd00::1 fd00::9 1400", route("fd00::9").c_str());
  STRCMP_EQUAL("0 fe80::1 fe80::9 1500", route("fe80::9").c_str());
}

TEST(Egress, ThereIsNoRouteToOurselvesOrToMany) {
  for (const auto* to : {"192.0.2.1", "10.0.0.1", "224.0.0.1", "ff02::1", "0.0.0.0", "::"}) {
    STRCMP_EQUAL_TEXT("none", route(to).c_str(), to);
  }
}

TEST(Egress, WithoutADefaultRouteTheWorldIsOutOfReach) {
  Host lonely{settings(1, {"192.0.2.1/24"})};
  CHECK_FALSE(lonely.stack.route(ip("203.0.113.9")).has_value());
  CHECK_FALSE(lonely.stack.route(ip("2001:db8::9")).has_value());
}

TEST(Egress, ASourceKeepsToItsPort) {  // RFC 6724 §5
  const auto found = host.stack.route(ip("192.0.2.9"), ip("192.0.2.1"));
  CHECK_TRUE(found && found->port == 0 && found->source == ip("192.0.2.1"));
  CHECK_FALSE_TEXT(host.stack.route(ip("203.0.113.9"), ip("10.0.0.1")).has_value(), "no default route there");
  CHECK_FALSE_TEXT(host.stack.route(ip("203.0.113.9"), ip("192.0.2.7")).has_value(), "not ours");
}

TEST(Egress, AGatewayCarriesOnToOthers) {
  introduce("192.0.2.254", "192.0.2.1");
  CHECK_TRUE(host.send(ip("203.0.113.9"), bytes_of(20), at(0s)));
  const auto frame = host.sink.take().bytes;
  CHECK(wire::load_mac(frame.data()) == mac(9));
  const auto view = wire::Ipv4View::open(Bytes(frame).subspan(14));
  CHECK_TRUE(view && view->checksum_good() && view->dont_fragment());
  CHECK(view->destination() == ip("203.0.113.9") && view->source() == ip("192.0.2.1"));
}

TEST(Egress, TheHeaderLiesRightBeforeTheTransport) {
  introduce("192.0.2.9", "192.0.2.1");
  Frame frame;
  host.sink.allocate(0, frame);
  std::uint8_t* transport = frame.data + Stack::kTransportOffset;
  for (int i = 0; i < 24; ++i) transport[i] = static_cast<std::uint8_t>(i);
  host.stack.send(host.sink, 0, frame, ip("192.0.2.1"), ip("192.0.2.9"), 6, 24, 2, at(0s));
  const auto sent = host.sink.take();
  CHECK_EQUAL(14 + 20 + 24, sent.bytes.size());
  CHECK(Octets(sent.bytes.begin() + 34, sent.bytes.end()) == bytes_of(24));
  CHECK_EQUAL(2, sent.bytes[15]);
  CHECK_EQUAL(14, sent.l3_offset);
  CHECK_EQUAL(34, sent.l4_offset);
}

TEST(Egress, AChecksumLeftToADeviceThatCannotIsCompletedHere) {
  introduce("192.0.2.9", "192.0.2.1");
  Octets segment = bytes_of(41);
  const auto pseudo = wire::pseudo_header_sum(ip("192.0.2.1"), ip("192.0.2.9"), 6, 41);
  store_be16(&segment[16], wire::checksum_fold(pseudo));
  host.send(ip("192.0.2.9"), segment, at(0s), ChecksumState::transport);
  const auto sent = host.sink.take();
  CHECK(sent.checksum == ChecksumState::unknown);
  CHECK_EQUAL(0, wire::checksum_finish(wire::checksum_add(pseudo, Bytes(sent.bytes).subspan(34))));
}

TEST(Egress, AChecksumLeftToADeviceThatCanIsLeft) {
  auto able = settings(1, {"192.0.2.1/24"});
  able.interfaces[0].transmit_checksum = true;
  Host other{able};
  settle(other);
  other.send(ip("192.0.2.9"), bytes_of(40), at(0s), ChecksumState::transport);
  const wire::Arp asks{.sender_mac = mac(9), .sender = ip("192.0.2.9"), .target = ip("192.0.2.1")};
  other.receive(arp_frame(wire::kBroadcastMac, asks), at(0s));
  other.stack.drain(other.sink, at(0s));
  int left = 0;
  for (const auto& frame : other.sink.sent) left += frame.checksum == ChecksumState::transport ? 1 : 0;
  CHECK_EQUAL_TEXT(1, left, "also for a frame that waited");
}

TEST(Egress, FlowsHaveSteadyLabelsThatDiffer) {  // RFC 6437 §3
  const auto label = [&](std::uint8_t first) {
    const Envelope from{.to = wire::multicast_mac(wire::solicited_node(ip("2001:db8::1"))),
                        .from = mac(9),
                        .source = ip("2001:db8::9"),
                        .destination = wire::solicited_node(ip("2001:db8::1"))};
    Octets asks(32);
    wire::NeighbourSolicitation{ip("2001:db8::1"), mac(9)}.write(asks.data());
    host.receive(icmpv6_frame(from, asks), at(0s));
    host.stack.drain(host.sink, at(0s));
    host.sink.sent.clear();
    host.send(ip("2001:db8::9"), bytes_of(20, first), at(0s));
    return wire::Ipv6View::open(Bytes(host.sink.sent.at(0).bytes).subspan(14))->flow_label();
  };
  CHECK_EQUAL(label(1), label(1));
  CHECK(label(1) != label(2));
}

TEST(Egress, WhatDoesNotFitIsNotSent) {
  CHECK_TRUE(host.send(ip("192.0.2.9"), bytes_of(1481), at(0s)));
  CHECK_EQUAL(1, host.counters.send_too_long);
  CHECK_TRUE(host.send(ip("10.0.0.9"), bytes_of(1381), at(0s)));
  CHECK_EQUAL(2, host.counters.send_too_long);
}

TEST(Egress, FewFramesWaitForOneNeighbour) {  // RFC 4861 §7.2.2
  for (int i = 0; i < 10; ++i) host.send(ip("192.0.2.9"), bytes_of(20), at(0s));
  CHECK_EQUAL(6, host.counters.waiting_full);
}

TEST(Egress, ANeighbourThatDoesNotAnswerCostsThreeQuestions) {  // RFC 4861 §7.2.2, §10
  host.send(ip("192.0.2.9"), bytes_of(20), at(0s));
  std::size_t asked = 0;
  for (int i = 0; i < 100; ++i) {
    host.poll(at(i * 100ms));
    asked += host.sink.sent.size();
    host.sink.sent.clear();
  }
  CHECK_EQUAL(3, asked);
  CHECK_EQUAL(1, host.counters.waiting_failed);
}

TEST(Egress, AddressesAreAnnouncedTwice) {  // RFC 5227 §2.3
  Host fresh{settings(1, {"192.0.2.1/24"})};
  std::size_t announced = 0;
  for (int i = 0; i < 100; ++i) {
    fresh.poll(at(i * 100ms));
    for (; !fresh.sink.sent.empty(); ++announced) {
      const auto bytes = fresh.sink.take().bytes;
      const auto arp = wire::Arp::parse(Bytes(bytes).subspan(14));
      CHECK_TRUE(arp && arp->sender == ip("192.0.2.1") && arp->target == ip("192.0.2.1"));
    }
  }
  CHECK_EQUAL(2, announced);
  CHECK(fresh.stack.next_deadline() == kNever);
}
