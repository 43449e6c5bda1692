// ARP as strangers see it.
#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using wire::Arp;

TEST_GROUP(ArpTest) {
  Host host{settings(1, {"192.0.2.1/24"})};

  void setup() override {
    settle(host);
  }
  void teardown() override {
    CHECK_EQUAL(0, host.sink.outstanding);
  }

  static Arp request(std::string_view sender, std::string_view target) {
    return {.sender_mac = mac(9), .sender = ip(sender), .target = ip(target)};
  }
  static Arp reply(std::string_view sender, std::uint8_t last) {
    return {.operation = Arp::Operation::reply,
            .sender_mac = mac(last),
            .sender = ip(sender),
            .target_mac = mac(1),
            .target = ip("192.0.2.1")};
  }
  Arrival receive(const Arp& arp, const wire::MacAddress& to = wire::kBroadcastMac) {
    return host.receive(arp_frame(to, arp), at(0s));
  }
  wire::MacAddress destination_of_next() {
    host.send(ip("192.0.2.9"), bytes_of(20), at(0s));
    return host.sink.sent.empty() ? wire::MacAddress{} : wire::load_mac(host.sink.take().bytes.data());
  }
};

TEST(ArpTest, ARequestForUsIsAnswered) {  // RFC 826
  receive(request("192.0.2.9", "192.0.2.1"));
  const auto frame = host.answer(at(0s)).bytes;
  const auto answer = Arp::parse(Bytes(frame).subspan(14));
  CHECK_TRUE(answer && answer->operation == Arp::Operation::reply);
  CHECK(answer->sender == ip("192.0.2.1") && answer->sender_mac == mac(1));
  CHECK(answer->target == ip("192.0.2.9") && answer->target_mac == mac(9));
  CHECK(wire::load_mac(frame.data()) == mac(9));
}

TEST(ArpTest, ARequestForSomebodyElseIsNot) {
  receive(request("192.0.2.9", "192.0.2.2"));
  CHECK_TRUE(host.answer(at(0s)).bytes.empty());
  CHECK_TEXT(destination_of_next() == wire::MacAddress{}, "and teaches nothing");
}

TEST(ArpTest, AProbeIsAnsweredAndTeachesNothing) {  // RFC 5227 §2.1.1
  receive(request("0.0.0.0", "192.0.2.1"));
  CHECK_FALSE(host.answer(at(0s)).bytes.empty());
  CHECK_EQUAL(0, host.counters.address_conflicts);
}

TEST(ArpTest, AReplyNobodyAskedForTeachesNothing) {
  receive(reply("192.0.2.9", 9), mac(1));
  CHECK(destination_of_next() == wire::MacAddress{});
}

TEST(ArpTest, AReplyNobodyAskedForProvesNothing) {  // RFC 1122 §2.3.2.1: a known one is asked itself
  receive(request("192.0.2.9", "192.0.2.1"));
  receive(reply("192.0.2.9", 9), mac(1));
  host.answer(at(0s));
  CHECK(destination_of_next() == mac(9));
  int asked = 0;
  for (auto since = 0s; since < 8s; ++since) {
    host.poll(at(since));
    for (; !host.sink.sent.empty(); ++asked) CHECK(wire::load_mac(host.sink.take().bytes.data()) == mac(9));
  }
  CHECK_EQUAL_TEXT(1, asked, "it is asked itself, as the answer did not count");
}

TEST(ArpTest, AStrangerFromAnotherNetworkIsAnsweredButNotEntered) {  // RFC 826
  auto small = settings(1, {"192.0.2.1/24"});
  small.neighbours = 1;
  Host other{small};
  settle(other);
  for (const auto* stranger : {"198.51.100.8", "198.51.100.9"}) {
    other.receive(arp_frame(wire::kBroadcastMac, request(stranger, "192.0.2.1")), at(0s));
    CHECK_FALSE(other.answer(at(0s)).bytes.empty());
  }
  CHECK_EQUAL(0, other.counters.neighbours_evicted);
  for (const auto* known : {"192.0.2.8", "192.0.2.9"}) {
    other.receive(arp_frame(wire::kBroadcastMac, request(known, "192.0.2.1")), at(0s));
  }
  CHECK_EQUAL(1, other.counters.neighbours_evicted);
}

TEST(ArpTest, WhoMovesToAnotherMacIsFollowed) {
  receive(request("192.0.2.9", "192.0.2.1"));
  host.answer(at(0s));
  CHECK(destination_of_next() == mac(9));
  Arp moved = request("192.0.2.9", "192.0.2.9");
  moved.sender_mac = mac(10);
  receive(moved);
  CHECK(destination_of_next() == mac(10));
}

TEST(ArpTest, AConflictIsCountedAndDefendedOnceInAWhile) {  // RFC 5227 §2.4 (b)
  for (int i = 0; i < 5; ++i) receive(request("192.0.2.1", "192.0.2.50"));
  CHECK_EQUAL(5, host.counters.address_conflicts);
  host.stack.drain(host.sink, at(0s));
  CHECK_EQUAL(1, host.sink.sent.size());
  const auto defence = Arp::parse(Bytes(host.sink.sent[0].bytes).subspan(14));
  CHECK(defence->sender == ip("192.0.2.1") && defence->target == ip("192.0.2.1") &&
        defence->sender_mac == mac(1));
}

TEST(ArpTest, OurOwnFrameThatComesBackIsNoConflict) {
  Arp own = request("192.0.2.1", "192.0.2.1");
  own.sender_mac = mac(1);
  receive(own);
  CHECK_EQUAL(0, host.counters.address_conflicts);
  CHECK_EQUAL(1, host.counters.dropped_own_source);
}

TEST(ArpTest, ImpossibleSendersAreDropped) {
  Arp group = request("192.0.2.9", "192.0.2.1");
  group.sender_mac = wire::kBroadcastMac;
  receive(group);
  receive(request("224.0.0.9", "192.0.2.1"));
  receive(request("127.0.0.1", "192.0.2.1"));
  CHECK_EQUAL(3, host.counters.dropped_arp);
  CHECK_TRUE(host.answer(at(0s)).bytes.empty());
}

TEST(ArpTest, WhatTeachesNeighboursIsShared) {
  CHECK_TRUE(receive(request("192.0.2.9", "192.0.2.1")).share);
  CHECK_TRUE(receive(reply("192.0.2.9", 9), mac(1)).share);
}

TEST(ArpTest, ACoreThatDoesNotLeadLearnsButIsSilent) {
  auto quiet = settings(1, {"192.0.2.1/24"});
  quiet.leader = false;
  Host follower{quiet};
  settle(follower);
  follower.receive(arp_frame(wire::kBroadcastMac, request("192.0.2.9", "192.0.2.1")), at(0s));
  CHECK_TRUE(follower.answer(at(0s)).bytes.empty());
  follower.send(ip("192.0.2.9"), bytes_of(20), at(0s));
  CHECK_EQUAL(1, follower.sink.sent.size());
}
