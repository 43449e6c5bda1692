// A delivery in parts, a later turn, what people want of one message, and marks that come with the commit.
#include "tests/firmware/spool/box.hpp"

// Last: its macros over `new` do not go together with what library headers do.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::spool;
using namespace postern::spool::test;

namespace {

Spool::Settled delivered(std::uint32_t recipient) {
  return {recipient, Verdict{Verdict::Kind::delivered, 250, "2.0.0", "ok", "mx"}};
}

}  // namespace

TEST_GROUP(Wishes) {
  Box box;
  Owed owed;

  bool due() { return box.spool->due(box.now, owed); }
  void restart() {
    box.settle_disk();
    box.restart();
  }
};

TEST(Wishes, WhatIsNotedSurvivesACrashInTheMiddleOfAnAttempt) {
  const auto id = box.store(envelope_to({"anna", "bert"}), "x");
  CHECK_TRUE(due());
  const auto part = delivered(0);
  box.spool->note(id, {&part, 1}, box.now);
  CHECK_FALSE(due());  // still under way
  restart();
  CHECK_TRUE(due());
  LONGS_EQUAL(1, owed.recipients.size());
  LONGS_EQUAL(1, owed.recipients.front());
}

TEST(Wishes, AnAttemptInPartsEndsWithTheLastOne) {
  const auto id = box.store(envelope_to({"anna", "bert"}), "x");
  CHECK_TRUE(due());
  const auto first = delivered(0);
  box.spool->note(id, {&first, 1}, box.now);
  const auto second = delivered(1);
  box.spool->settle(id, {&second, 1}, box.now);
  LONGS_EQUAL(0, box.spool->size());
}

TEST(Wishes, APostponedMessageComesWhenToldAndNoAttemptIsCounted) {
  const auto id = box.store("x");
  CHECK_TRUE(due());
  box.spool->postpone(id, box.now.instant + 5s, box.now);
  box.pass(4s);
  CHECK_FALSE(due());
  box.pass(1s);
  CHECK_TRUE(due());
  LONGS_EQUAL(0, owed.attempts);
  LONGS_EQUAL(1, box.counters.attempts);
}

TEST(Wishes, AHeldMessageIsNotTriedUntilReleasedAlsoAfterARestart) {
  const auto id = box.store("x");
  CHECK_TRUE(box.spool->hold(id, true, box.now));
  box.pass(1h);
  CHECK_FALSE(due());
  box.spool->hurry(box.now);
  CHECK_FALSE(due());
  restart();
  CHECK_FALSE(due());
  CHECK_TRUE(box.spool->hold(id, false, box.now));
  CHECK_TRUE(due());
}

TEST(Wishes, AMessageHeldWhileUnderWayStaysWhenTheAttemptFails) {
  const auto id = box.store("x");
  CHECK_TRUE(due());
  box.spool->hold(id, true, box.now);
  box.spool->release(id, box.now, "no answer");
  box.pass(24h);
  CHECK_FALSE(due());
}

TEST(Wishes, ARouteIsKeptAndGivenWithTheMessage) {
  const auto id = box.store("x");
  CHECK_TRUE(box.spool->reroute(id, "192.0.2.7:25", box.now));
  restart();
  CHECK_TRUE(due());
  STRCMP_EQUAL("192.0.2.7:25", owed.route.c_str());
}

TEST(Wishes, ARetryComesNowAndAGivenBackMessageIsOver) {
  const auto id = box.store("x");
  CHECK_TRUE(due());
  box.spool->release(id, box.now, "no answer");
  CHECK_FALSE(due());
  CHECK_TRUE(box.spool->retry(id, box.now));
  CHECK_TRUE(due());
  CHECK_FALSE(owed.expired);
  box.spool->release(id, box.now, "no answer");
  CHECK_TRUE(box.spool->give_back(id, box.now));
  CHECK_TRUE(due());
  CHECK_TRUE(owed.expired);
  CHECK_TRUE(owed.returned);
}

TEST(Wishes, NobodysMessageCannotBeWishedAnything) {
  CHECK_FALSE(box.spool->hold(7, true, box.now));
  CHECK_FALSE(box.spool->reroute(7, "x", box.now));
  CHECK_FALSE(box.spool->retry(7, box.now));
  CHECK_FALSE(box.spool->give_back(7, box.now));
}

TEST(Wishes, ThatASenderWasToldOfADelayIsRemembered) {
  const auto id = box.store("x");
  box.spool->delay_told(id);
  restart();
  CHECK_TRUE(box.spool->owed(id)->delay_told);
}

TEST(Wishes, MarksAndTheEnvelopesWishesSurviveARestart) {
  auto envelope = envelope_to({"anna"});
  envelope.require_tls = envelope.submitted = envelope.authenticated = true;
  const auto id = box.spool->begin(envelope, box.now);
  box.spool->append(*id, as_bytes(std::string_view("bodysignature")));
  const Marks marks{.tls_required_no = true, .report = true, .front = 9};
  box.spool->finish(*id, box.now, marks);
  restart();
  const auto found = box.spool->owed(*id);
  CHECK_TRUE(found.has_value());
  CHECK_TRUE(found->marks == marks);
  CHECK_TRUE(found->envelope->require_tls && found->envelope->submitted && found->envelope->authenticated);
}
