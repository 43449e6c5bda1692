// Neighbour discovery as strangers see it, and our addresses at the start.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using wire::NeighbourAdvertisement;
using wire::NeighbourSolicitation;

namespace {

template <typename Message>
Octets octets(const Message& message) {
  Octets bytes(Message::kMostSize);
  bytes.resize(message.write(bytes.data()));
  return bytes;
}

Result<NeighbourAdvertisement> advertisement_in(const SentFrame& frame) {
  return NeighbourAdvertisement::parse(
      Bytes(frame.bytes).subspan(std::min<std::size_t>(54, frame.bytes.size())));
}

}  // namespace

TEST_GROUP(Nd) {
  Host host{settings(1, {"2001:db8::1/64"})};
  const wire::IpAddress ours = ip("2001:db8::1");
  const wire::IpAddress theirs = ip("2001:db8::9");
  const wire::IpAddress group = wire::solicited_node(ip("2001:db8::1"));
  const NeighbourSolicitation question{ip("2001:db8::1"), mac(9)};

  void setup() override {
    settle(host);
  }
  void teardown() override {
    CHECK_EQUAL(0, host.sink.outstanding);
  }

  Envelope from(const wire::IpAddress& source, const wire::IpAddress& destination) const {
    const auto to = destination.is_multicast() ? wire::multicast_mac(destination) : mac(1);
    return {.to = to, .from = mac(9), .source = source, .destination = destination};
  }
  Envelope asks() const {
    return from(theirs, group);
  }
  bool answered() {
    return !host.answer(at(0s)).bytes.empty();
  }
};

TEST(Nd, ASolicitationForUsIsAnswered) {  // RFC 4861 §7.2.3, §7.2.4
  host.receive(icmpv6_frame(asks(), octets(question)), at(0s));
  const auto frame = host.answer(at(0s));
  const auto said = advertisement_in(frame);
  CHECK_TRUE(said && said->solicited && said->override_entry && !said->router);
  CHECK(said->target == ours && said->target_mac == mac(1));
  const auto view = wire::Ipv6View::open(Bytes(frame.bytes).subspan(14));
  CHECK(view->source() == ours && view->destination() == theirs);
  CHECK_EQUAL(255, view->hop_limit());
  CHECK(wire::load_mac(frame.bytes.data()) == mac(9));
}

TEST(Nd, WhoComesFromFarAwayIsNotBelieved) {  // RFC 4861 §7.1
  host.receive(icmpv6_frame(asks(), octets(question), 254), at(0s));
  CHECK_FALSE(answered());
  CHECK_EQUAL(1, host.counters.dropped_nd);
}

TEST(Nd, FragmentsAreNotBelieved) {  // RFC 6980 §5
  auto message = octets(question);
  const auto envelope = asks();
  wire::fill_icmp_checksum(message, wire::pseudo_header_sum(theirs, group, 58, 32));
  Octets atomic{58, 0, 0, 0, 1, 2, 3, 4};
  atomic.insert(atomic.end(), message.begin(), message.end());
  host.receive(ipv6_frame(envelope, 44, atomic, 255), at(0s));
  CHECK_FALSE(answered());
  CHECK_EQUAL(1, host.counters.dropped_nd_fragment);
}

TEST(Nd, AWrongChecksumIsDropped) {
  auto frame = icmpv6_frame(asks(), octets(question));
  frame.back() ^= 1;
  host.receive(frame, at(0s));
  CHECK_FALSE(answered());
  CHECK_EQUAL(1, host.counters.dropped_icmp_checksum);
}

TEST(Nd, AQuestionForSomebodyElseIsNotAnswered) {
  // ::8:0:1 shares our solicited-node group.
  host.receive(icmpv6_frame(asks(), octets(NeighbourSolicitation{ip("2001:db8::8:0:1"), mac(9)})), at(0s));
  CHECK_FALSE(answered());
}

TEST(Nd, ATestOfOurAddressIsAnsweredToAll) {  // RFC 4861 §7.2.4
  host.receive(icmpv6_frame(from(ip("::"), group), octets(NeighbourSolicitation{ours, std::nullopt})),
               at(0s));
  const auto frame = host.answer(at(0s));
  const auto said = advertisement_in(frame);
  CHECK_TRUE(said && !said->solicited);
  CHECK(wire::Ipv6View::open(Bytes(frame.bytes).subspan(14))->destination() == ip("ff02::1"));
}

TEST(Nd, ATestThatSaysAMacIsNoTest) {  // RFC 4861 §7.1.1
  host.receive(icmpv6_frame(from(ip("::"), group), octets(question)), at(0s));
  CHECK_FALSE(answered());
  CHECK_EQUAL(1, host.counters.dropped_nd);
}

TEST(Nd, AnAdvertisementNobodyAskedForMakesNoEntry) {  // RFC 4861 §7.2.5
  const NeighbourAdvertisement said{
      .target = theirs, .solicited = true, .override_entry = true, .target_mac = mac(9)};
  host.receive(icmpv6_frame(from(theirs, ours), octets(said)), at(0s));
  host.send(theirs, bytes_of(20), at(0s));
  CHECK_TRUE(host.sink.sent.empty());
}

TEST(Nd, ASolicitedAdvertisementToAGroupIsRefused) {  // RFC 4861 §7.1.2
  const NeighbourAdvertisement said{.target = theirs, .solicited = true, .target_mac = mac(9)};
  host.receive(icmpv6_frame(from(theirs, ip("ff02::1")), octets(said)), at(0s));
  CHECK_EQUAL(1, host.counters.dropped_nd);
}

TEST(Nd, RedirectsAndRouterAdvertisementsChangeNothing) {
  host.receive(icmpv6_frame(from(ip("fe80::9"), ours), Octets(40, 0)), at(0s));
  auto redirect = Octets(40, 0);
  redirect[0] = wire::icmpv6::kRedirect;
  host.receive(icmpv6_frame(from(ip("fe80::9"), ours), redirect), at(0s));
  auto router = Octets(16, 0);
  router[0] = wire::icmpv6::kRouterAdvertisement;
  host.receive(icmpv6_frame(from(ip("fe80::9"), ip("ff02::1")), router), at(0s));
  CHECK_EQUAL(1, host.counters.dropped_redirect);
  CHECK_EQUAL(1, host.counters.dropped_router_advertisement);
}
