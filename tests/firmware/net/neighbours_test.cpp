// The neighbour cache: states over time, and floods.
#include "firmware/net/neighbours.hpp"

#include "tests/firmware/net/net_harness.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::net;
using namespace postern::net::test;
using State = Neighbour::State;

TEST_GROUP(Neighbours) {
  Counters counters;
  Outbox outbox{8, 8, 1514};
  net::Neighbours table{16, {}, outbox, counters};
  const wire::MacAddress there = mac(7);

  static wire::IpAddress nth(int n) {
    return ip("192.0.2." + std::to_string(n));
  }

  Neighbour& reachable(int n) {
    Neighbour* entry = table.begin(0, nth(n), false, at(0s));
    table.advertised(*entry, {.mac = &there, .solicited = true, .override_entry = true}, at(0s));
    return *entry;
  }
  // Steps of a tenth of a second; counts how often somebody is asked.
  int asked_until(Instant from, Instant until) {
    int asked = 0;
    for (Instant now = from; now <= until; now += 100ms) {
      for (Neighbour* entry : table.due(now)) asked += table.retry(*entry, now) ? 1 : 0;
    }
    return asked;
  }
};

TEST(Neighbours, WhoDoesNotAnswerIsAskedThreeTimesAndForgotten) {  // RFC 4861 §7.3.3, §10
  table.begin(0, nth(5), false, at(0s));
  CHECK_EQUAL_TEXT(2, asked_until(at(0s), at(10s)), "begin() was the first time");
  POINTERS_EQUAL(nullptr, table.find(0, nth(5)));
  CHECK_EQUAL(1, counters.neighbours_failed);
  CHECK(table.next_deadline() == kNever);
}

TEST(Neighbours, FramesWaitingForOneThatFailsAreGivenBack) {
  Neighbour* entry = table.begin(0, nth(5), false, at(0s));
  for (int i = 0; i < 8; ++i) entry->waiting.push(outbox.take_waiting());
  POINTERS_EQUAL(nullptr, outbox.take_waiting());
  asked_until(at(0s), at(10s));
  CHECK_EQUAL(8, counters.waiting_failed);
  CHECK(outbox.take_waiting() != nullptr);
}

TEST(Neighbours, AnAnswerMakesItReachable) {  // RFC 4861 §7.3.2
  const Neighbour& entry = reachable(5);
  CHECK(entry.state == State::reachable && entry.mac == there);
  CHECK_EQUAL(0, asked_until(at(0s), at(10s)));
}

TEST(Neighbours, OneInUseIsCheckedAgainAfterAWhile) {  // RFC 4861 §7.3.2, §6.3.2
  Neighbour& entry = reachable(5);
  table.used(entry, at(1s));
  CHECK(entry.state == State::reachable);
  table.used(entry, at(60s));
  CHECK(entry.state == State::delay);
  CHECK_EQUAL(0, asked_until(at(60s), at(64s)));
  CHECK_EQUAL(1, asked_until(at(64s), at(65s + 200ms)));
  CHECK(entry.state == State::probe);
  table.advertised(entry, {.mac = &there, .solicited = true, .override_entry = false}, at(66s));
  CHECK(entry.state == State::reachable);
}

TEST(Neighbours, OneInUseThatIsGoneIsForgotten) {
  table.used(reachable(5), at(60s));
  CHECK_EQUAL(3, asked_until(at(60s), at(80s)));
  POINTERS_EQUAL(nullptr, table.find(0, nth(5)));
}

TEST(Neighbours, OneNotInUseIsLeftAlone) {
  reachable(5);
  CHECK_EQUAL(0, asked_until(at(0s), at(600s)));
  CHECK(table.find(0, nth(5)) != nullptr);
}

TEST(Neighbours, AnotherMacWithoutOverrideOnlyRaisesDoubt) {  // RFC 4861 §7.2.5
  Neighbour& entry = reachable(5);
  const auto other = mac(8);
  table.advertised(entry, {.mac = &other, .solicited = true, .override_entry = false}, at(1s));
  CHECK(entry.state == State::stale && entry.mac == there);
}

TEST(Neighbours, AnotherMacWithOverrideIsTaken) {  // RFC 4861 §7.2.5
  Neighbour& entry = reachable(5);
  const auto other = mac(8);
  table.advertised(entry, {.mac = &other, .solicited = false, .override_entry = true}, at(1s));
  CHECK(entry.state == State::stale && entry.mac == other);
}

TEST(Neighbours, AnUnsolicitedRepetitionProvesNothing) {
  Neighbour& entry = reachable(5);
  table.used(entry, at(60s));
  table.advertised(entry, {.mac = &there, .solicited = false, .override_entry = true}, at(61s));
  CHECK(entry.state == State::delay);
}

TEST(Neighbours, AFloodOfQuestionsDoesNotPushOutReachableOnes) {
  for (int i = 0; i < 8; ++i) reachable(i);
  for (int i = 0; i < 1000; ++i) table.heard(0, nth(i), mac(9), false, at(1s));
  for (int i = 0; i < 8; ++i) CHECK(table.find(0, nth(i)) != nullptr && table.find(0, nth(i))->confirmed);
  CHECK_EQUAL(16, table.size());
}

TEST(Neighbours, AFloodOfUnansweredAskingDoesNotPushOutReachableOnes) {
  for (int i = 0; i < 8; ++i) reachable(i);
  for (int i = 10; i < 200; ++i) CHECK(table.begin(0, nth(i), false, at(1s)) != nullptr);
  for (int i = 0; i < 8; ++i) CHECK(table.find(0, nth(i)) != nullptr);
}

TEST(Neighbours, AFloodOfQuestionsDoesNotPushOutOneBeingAskedFor) {
  for (int i = 10; i < 30; ++i) table.heard(0, nth(i), mac(9), false, at(0s));
  CHECK(table.begin(0, nth(5), false, at(0s)) != nullptr);
  for (int i = 30; i < 200; ++i) table.heard(0, nth(i), mac(9), false, at(0s));
  CHECK(table.find(0, nth(5)) != nullptr);
}

TEST(Neighbours, ATableFullOfReachableOnesRefuses) {
  for (int i = 0; i < 16; ++i) reachable(i);
  POINTERS_EQUAL(nullptr, table.begin(0, nth(99), false, at(1s)));
  table.heard(0, nth(99), mac(9), false, at(1s));
  POINTERS_EQUAL(nullptr, table.find(0, nth(99)));
  CHECK_EQUAL(2, counters.neighbours_full);
  CHECK_TEXT(table.begin(0, nth(99), false, at(60s)) != nullptr, "their proof is out of date now");
}

TEST(Neighbours, AGatewayIsNeverPushedOut) {
  table.begin(0, nth(254), true, at(0s));
  for (int i = 0; i < 100; ++i) table.begin(0, nth(i), false, at(0s));
  CHECK(table.find(0, nth(254)) != nullptr);
}

TEST(Neighbours, PortsAreKeptApart) {
  table.begin(0, nth(5), false, at(0s));
  POINTERS_EQUAL(nullptr, table.find(1, nth(5)));
}
