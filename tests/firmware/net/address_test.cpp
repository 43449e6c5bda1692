// Our own addresses: tested, taken, announced, defended, given up. RFC 4862 §5.4, RFC 7527, RFC 5227 §2.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using wire::Arp;
using wire::NeighbourAdvertisement;
using wire::NeighbourSolicitation;

namespace {

template <typename Message>
Octets octets(const Message& message) {
  Octets bytes(Message::kMostSize);
  bytes.resize(message.write(bytes.data()));
  return bytes;
}

int sent_of_type(const MemorySink& sink, std::uint8_t type) {
  int count = 0;
  for (const auto& frame : sink.sent) {
    const auto view = wire::Ipv6View::open(Bytes(frame.bytes).subspan(14));
    if (view && view->next_header() == 58 && view->payload()[0] == type) ++count;
  }
  return count;
}

// The test of `target` among what was sent, or an empty frame.
Octets test_of(const MemorySink& sink, const wire::IpAddress& target) {
  for (const auto& frame : sink.sent) {
    const auto view = wire::Ipv6View::open(Bytes(frame.bytes).subspan(14));
    if (!view || view->next_header() != 58) continue;
    const auto asked = NeighbourSolicitation::parse(view->payload());
    if (view->payload()[0] == wire::icmpv6::kNeighbourSolicitation && asked && asked->target == target)
      return frame.bytes;
  }
  return {};
}

NeighbourSolicitation solicitation_in(const Octets& frame) {
  return *NeighbourSolicitation::parse(wire::Ipv6View::open(Bytes(frame).subspan(14))->payload());
}

}  // namespace

TEST_GROUP(DuplicateAddress) {
  static Settings detecting() {
    auto made = settings(1, {"2001:db8::1/64"});
    made.duplicate_address_detection = true;
    return made;
  }
  Host host{detecting()};
  const wire::IpAddress ours = ip("2001:db8::1");
  const wire::IpAddress group = wire::solicited_node(ip("2001:db8::1"));

  void send_test(std::uint8_t last, Instant now) {
    const Envelope envelope{
        .to = wire::multicast_mac(group), .from = mac(last), .source = ip("::"), .destination = group};
    host.receive(icmpv6_frame(envelope, octets(NeighbourSolicitation{ours, std::nullopt})), now);
  }
};

TEST(DuplicateAddress, AnAddressIsTestedBeforeItIsOurs) {  // RFC 4862 §5.1, §5.3, §5.4.2, RFC 4861 §10
  host.poll(at(0s));
  CHECK_EQUAL_TEXT(2, sent_of_type(host.sink, wire::icmpv6::kNeighbourSolicitation),
                   "and the link-local one");
  CHECK_FALSE(host.stack.is_local(ours));
  CHECK_FALSE(host.stack.route(ip("2001:db8::9")).has_value());
  CHECK(host.stack.next_deadline() == at(1s));
  host.poll(at(1s));
  CHECK_TRUE(host.stack.is_local(ours));
  CHECK_TRUE(host.stack.route(ip("2001:db8::9")).has_value());
}

TEST(DuplicateAddress, NothingIsAcceptedForATentativeAddress) {  // RFC 4862 §5.4
  host.poll(at(0s));
  const Envelope envelope{.source = ip("2001:db8::9"), .destination = ours};
  CHECK(host.receive(ipv6_frame(envelope, 6, bytes_of(20)), at(0s)).kind == Arrival::Kind::handled);
  CHECK_EQUAL(1, host.counters.dropped_tentative);
}

TEST(DuplicateAddress, AnAdvertisementForItEndsIt) {  // RFC 4862 §5.4.4, §5.4.5
  host.poll(at(0s));
  const Envelope envelope{
      .to = {{0x33, 0x33, 0, 0, 0, 1}}, .from = mac(9), .source = ours, .destination = ip("ff02::1")};
  host.receive(icmpv6_frame(envelope, octets(NeighbourAdvertisement{.target = ours, .target_mac = mac(9)})),
               at(0s));
  host.poll(at(5s));
  CHECK_FALSE(host.stack.is_local(ours));
  CHECK_EQUAL(1, host.counters.address_duplicates);
  CHECK_TRUE_TEXT(host.stack.is_local(wire::link_local(mac(1))), "the other one is not concerned");
}

TEST(DuplicateAddress, AnotherHostsTestEndsIt) {  // RFC 4862 §5.4.3
  host.poll(at(0s));
  send_test(9, at(0s));
  host.poll(at(5s));
  CHECK_FALSE(host.stack.is_local(ours));
}

TEST(DuplicateAddress, SwitchesAreToldWhichGroupsWeListenTo) {  // RFC 3810 §5, §5.2.13, RFC 2711
  host.poll(at(0s));
  bool reported = false;
  for (const auto& frame : host.sink.sent) {
    const auto view = wire::Ipv6View::open(Bytes(frame.bytes).subspan(14));
    const auto walk = wire::walk_extensions(view->next_header(), view->payload(), true);
    if (walk.rest[0] != wire::icmpv6::kListenerReportV2) continue;
    reported = true;
    CHECK_EQUAL(0, wire::checksum_finish(wire::checksum_add(
                       wire::pseudo_header_sum(view->source(), view->destination(), 58,
                                               static_cast<std::uint32_t>(walk.rest.size())),
                       walk.rest)));
    CHECK(view->destination() == ip("ff02::16"));
    CHECK_EQUAL(1, view->hop_limit());
    CHECK(wire::IpAddress::v6(&walk.rest[12]) == group);
  }
  CHECK_TRUE(reported);
}

TEST(DuplicateAddress, EachTestCarriesANumberOfItsOwn) {  // RFC 7527 §4.1
  host.poll(at(0s));
  const auto first = solicitation_in(test_of(host.sink, ours));
  const auto second = solicitation_in(test_of(host.sink, wire::link_local(mac(1))));
  CHECK_TRUE(first.nonce.has_value() && second.nonce.has_value());
  CHECK_FALSE(*first.nonce == *second.nonce);
  auto other_key = detecting();
  other_key.key.fill(9);
  Host other{other_key};
  other.poll(at(0s));
  CHECK_FALSE(*first.nonce == *solicitation_in(test_of(other.sink, ours)).nonce);
}

TEST(DuplicateAddress, OurOwnTestThatComesBackIsNoDuplicate) {  // RFC 7527 §4.2
  host.poll(at(0s));
  const auto own = test_of(host.sink, ours);
  host.receive(own, at(0s));
  CHECK_EQUAL(1, host.counters.tests_looped);
  CHECK_EQUAL(0, host.counters.address_duplicates);
  host.sink.sent.clear();
  for (auto second = 1s; second <= 3s; ++second) {
    host.poll(at(second));
    CHECK_FALSE_TEXT(host.stack.is_local(ours), "RFC 7527 §4.1: it is tested a few times more");
  }
  CHECK_FALSE(test_of(host.sink, ours).empty());
  host.poll(at(4s));
  CHECK_TRUE(host.stack.is_local(ours));
}

TEST(DuplicateAddress, AWireThatAlwaysLoopsDoesNotKeepUsOff) {
  for (auto second = 0s; second <= 6s; ++second) {
    host.sink.sent.clear();
    host.poll(at(second));
    const auto own = test_of(host.sink, ours);
    if (!own.empty()) host.receive(own, at(second));
  }
  CHECK_TRUE(host.stack.is_local(ours));
  CHECK_EQUAL(4, host.counters.tests_looped);
}

TEST(DuplicateAddress, ATwinWithOurVeryMacIsADuplicate) {  // its number is not ours
  host.poll(at(0s));
  send_test(1, at(0s));
  host.poll(at(5s));
  CHECK_FALSE(host.stack.is_local(ours));
}

TEST(DuplicateAddress, QueriesAreAnsweredFromTheLinkLocalAddress) {  // RFC 3810 §5.1.14, §5.2.13
  host.poll(at(0s));
  host.poll(at(1s));
  host.poll(at(5s));
  host.sink.sent.clear();
  const Envelope envelope{.to = {{0x33, 0x33, 0, 0, 0, 1}},
                          .from = mac(9),
                          .source = ip("fe80::9"),
                          .destination = ip("ff02::1")};
  Octets query(28);
  query[0] = wire::icmpv6::kListenerQuery;
  host.receive(icmpv6_frame(envelope, query, 255), at(5s));
  CHECK_TRUE_TEXT(host.answer(at(5s)).bytes.empty(), "a query that was forwarded is ignored");
  host.receive(icmpv6_frame(envelope, query, 1), at(5s));
  const auto report = host.answer(at(5s));
  CHECK_FALSE(report.bytes.empty());
  CHECK(wire::Ipv6View::open(Bytes(report.bytes).subspan(14))->source() == wire::link_local(mac(1)));
}

TEST_GROUP(AddressProbing) {
  static Settings probing() {
    auto made = settings(1, {"192.0.2.1/24"});
    made.address_probing = true;
    return made;
  }
  Host host{probing()};
  const wire::IpAddress ours = ip("192.0.2.1");
  int probes = 0;
  int announcements = 0;

  // Every tenth of a second up to `end`; counts what is said.
  Instant run(Duration from, Duration end) {
    for (Duration since = from; since < end; since += 100ms) {
      host.poll(at(since));
      while (!host.sink.sent.empty()) {
        const auto frame = host.sink.take();
        const auto arp = Arp::parse(Bytes(frame.bytes).subspan(14));
        CHECK(arp && arp->target == ours && wire::load_mac(frame.bytes.data()) == wire::kBroadcastMac);
        ++(arp->sender.is_unspecified() ? probes : announcements);
      }
      if (host.stack.is_local(ours)) return at(since);
    }
    return at(end);
  }
};

TEST(AddressProbing, ThreeQuestionsThatNameNobodyThenItIsOurs) {  // RFC 5227 §1.1, §2.1.1
  const Instant taken = run(0s, 20s);
  CHECK_EQUAL(3, probes);
  CHECK_TRUE(taken >= at(4s) && taken <= at(7100ms));
  run(taken - at(0s), 20s);
  host.poll(taken + 2s);
  host.stack.drain(host.sink, taken);
  CHECK_TRUE_TEXT(announcements + static_cast<int>(host.sink.sent.size()) == 2, "RFC 5227 §2.3");
}

TEST(AddressProbing, NothingIsSentFromItOrTakenForItBefore) {
  host.poll(at(0s));
  CHECK_FALSE(host.stack.route(ip("192.0.2.9")).has_value());
  const Envelope envelope{.source = ip("192.0.2.9"), .destination = ours};
  CHECK(host.receive(ipv4_frame(envelope, 6, bytes_of(20)), at(0s)).kind == Arrival::Kind::handled);
  host.receive(
      arp_frame(wire::kBroadcastMac, {.sender_mac = mac(9), .sender = ip("192.0.2.9"), .target = ours}),
      at(0s));
  CHECK_EQUAL(2, host.counters.dropped_tentative);
}

TEST(AddressProbing, WhoHasItKeepsIt) {  // RFC 5227 §2.1.1
  run(0s, 2s);
  host.receive(arp_frame(mac(1), {.operation = Arp::Operation::reply,
                                  .sender_mac = mac(9),
                                  .sender = ours,
                                  .target_mac = mac(1),
                                  .target = ip("0.0.0.0")}),
               at(2s));
  run(2s, 20s);
  CHECK_FALSE(host.stack.is_local(ours));
  CHECK_EQUAL(1, host.counters.address_duplicates);
  CHECK_TRUE(probes <= 3 && announcements == 0);
}

TEST(AddressProbing, OfTwoThatProbeAtOnceNeitherTakesIt) {  // RFC 5227 §2.1.1
  run(0s, 2s);
  host.receive(
      arp_frame(wire::kBroadcastMac, {.sender_mac = mac(9), .sender = ip("0.0.0.0"), .target = ours}),
      at(2s));
  run(2s, 20s);
  CHECK_FALSE(host.stack.is_local(ours));
}

TEST(AddressProbing, OurOwnProbeThatComesBackIsNoRival) {
  host.receive(
      arp_frame(wire::kBroadcastMac, {.sender_mac = mac(1), .sender = ip("0.0.0.0"), .target = ours}),
      at(0s));
  run(0s, 20s);
  CHECK_TRUE(host.stack.is_local(ours));
}
