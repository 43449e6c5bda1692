// The queue of one shard: taking in, delivering, retrying, giving up.
#include "tests/firmware/spool/box.hpp"

// Last: its macros over `new` do not go together with what library headers do.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::spool;
using namespace postern::spool::test;

TEST_GROUP(Spool) {
  Box box;
  Owed owed;
};

TEST(Spool, SaysStoredOnlyWhenTheDiskHasAnswered) {
  const auto id = box.give(envelope_to({"anna"}), "hello");
  box.order();
  CHECK_FALSE(box.saw(EventKind::stored, id));
  box.settle_disk();
  CHECK_TRUE(box.saw(EventKind::stored, id));
}

TEST(Spool, WritesASmallMessageAsOneContiguousOrder) {
  box.store("first");  // opens the segment
  const auto orders = box.counters.orders;
  box.store(body_of(500));
  LONGS_EQUAL(1, box.counters.orders - orders);
}

TEST(Spool, HandsOutAStoredMessageAtOnceWithItsEnvelopeAndBody) {
  const auto id = box.store(envelope_to({"anna", "bert"}), "hello");
  CHECK_TRUE(box.spool->due(box.now, owed));
  LONGS_EQUAL(id, owed.id);
  LONGS_EQUAL(2, owed.recipients.size());
  STRCMP_EQUAL("bert", owed.envelope->recipients[1].path.local.c_str());
  STRCMP_EQUAL("hello", box.read(id).c_str());
  CHECK_FALSE(box.spool->due(box.now, owed));
}

TEST(Spool, DeliversASmallMessageFromMemory) {
  const auto id = box.store("hello");
  STRCMP_EQUAL("hello", box.read(id).c_str());
  LONGS_EQUAL(0, box.counters.read_back);
}

TEST(Spool, ReadsALargeMessageBackFromDisk) {
  const auto body = body_of(50'000);
  const auto id = box.store(body);
  CHECK_TRUE(box.read(id) == body);
  CHECK(box.counters.read_back >= 40);
}

TEST(Spool, StoresAMessageWithoutABody) {
  const auto id = box.store("");
  CHECK_TRUE(box.saw(EventKind::stored, id));
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
  LONGS_EQUAL(0, box.spool->owed(id)->bytes);
}

TEST(Spool, StoresAnEnvelopeLargerThanAChunk) {
  std::vector<std::string> many;
  for (int i = 0; i < 60; ++i) many.push_back("recipient-with-a-long-name-" + std::to_string(i));
  const auto id = box.store(envelope_to(many), "hello");
  box.restart();
  const auto found = box.spool->owed(id);
  LONGS_EQUAL(60, found->recipients.size());
  STRCMP_EQUAL(many[59].c_str(), found->envelope->recipients[59].path.local.c_str());
  STRCMP_EQUAL("hello", box.read(id).c_str());
}

TEST(Spool, RefusesMoreRecipientsThanAStateRecordCanHold) {
  CHECK_FALSE(box.spool->begin(envelope_to(std::vector<std::string>(1000, "x")), box.now).has_value());
  LONGS_EQUAL(1, box.counters.refused_envelope);
}

TEST(Spool, SettlesRecipientsOneByOne) {
  const auto id = box.store(envelope_to({"anna", "bert", "carl"}), "hello");
  box.spool->due(box.now, owed);
  box.settle(id, 1, Verdict::Kind::delivered);
  box.pass(2min);
  CHECK_TRUE(box.spool->due(box.now, owed));
  LONGS_EQUAL(2, owed.recipients.size());
  LONGS_EQUAL(2, owed.recipients[1]);
  LONGS_EQUAL(1, owed.attempts);
  box.settle(id, 0, Verdict::Kind::failed);
  box.settle(id, 2, Verdict::Kind::delivered);
  LONGS_EQUAL(0, box.spool->size());
  CHECK_FALSE(box.spool->owed(id).has_value());
}

TEST(Spool, KeepsTheWordsOfADeferral) {
  const auto id = box.store("hello");
  box.spool->due(box.now, owed);
  box.settle(id, 0, Verdict::Kind::deferred, "try later");
  STRCMP_EQUAL("try later", box.spool->last_verdict(id, 0)->text.c_str());
  box.settle_disk();
  box.restart();
  STRCMP_EQUAL("try later", box.spool->last_verdict(id, 0)->text.c_str());
  STRCMP_EQUAL("mx.office.example", box.spool->last_verdict(id, 0)->host.c_str());
}

TEST(Spool, DoublesThePauseUpToItsMost) {
  const auto id = box.store("hello");
  Duration pause{};
  for (int attempt = 0; attempt < 9; ++attempt) {
    CHECK_TRUE(box.spool->due(box.now, owed));
    box.spool->release(id, box.now, "no answer");
    const auto next = box.spool->next_due() - box.now.instant;
    const auto full = std::min<Duration>(box.settings.retry_first * (1 << attempt), box.settings.retry_most);
    CHECK(next <= full && next >= full - full / 8);
    pause = next;
    box.pass(pause);
  }
  STRCMP_EQUAL("no answer", std::string(box.spool->last_trouble(id)).c_str());
}

TEST(Spool, RemembersTheNextTryAcrossARestart) {
  const auto id = box.store("hello");
  box.spool->due(box.now, owed);
  box.spool->release(id, box.now, "no answer");
  const auto next = box.spool->next_due();
  box.settle_disk();
  box.restart();
  CHECK(box.spool->next_due() == next);
  box.pass(1min);
  CHECK_TRUE(box.spool->due(box.now, owed));
  LONGS_EQUAL(1, owed.attempts);
}

TEST(Spool, ATurnedBackClockDoesNotDelayTheNextTryBeyondTheLongestPause) {
  box.store("hello");
  box.spool->due(box.now, owed);
  box.spool->release(owed.id, box.now, "no answer");
  box.settle_disk();
  box.now.wall -= std::chrono::hours(24 * 365);
  box.restart();
  CHECK(box.spool->next_due() <= box.now.instant + box.settings.retry_most);
}

TEST(Spool, CountsAMessageUnderWayAtACrashAsDoubtful) {
  box.store("hello");
  box.spool->due(box.now, owed);
  box.settle_disk();
  box.restart();
  LONGS_EQUAL(1, box.counters.recovered_doubtful);
  CHECK_TRUE(box.spool->due(box.now, owed));
}

TEST(Spool, HandsOutWhatIsTooOldAsExpired) {
  const auto id = box.store("hello");
  box.spool->due(box.now, owed);
  CHECK_FALSE(owed.expired);
  box.spool->release(id, box.now, "no answer");
  box.pass(box.settings.queue_life);
  CHECK_TRUE(box.spool->due(box.now, owed));
  CHECK_TRUE(owed.expired);
}

TEST(Spool, ComesBackInTimeToExpire) {
  box.settings.queue_life = 90s;
  box.start_again();
  const auto id = box.store("hello");
  box.spool->due(box.now, owed);
  box.spool->release(id, box.now, "");
  box.pass(60s);
  box.spool->due(box.now, owed);
  box.spool->release(id, box.now, "");
  CHECK(box.spool->next_due() == box.now.instant + 30s);
}

TEST(Spool, ExpiresByTheWallAfterARestart) {
  box.store("hello");
  box.now.wall += box.settings.queue_life;
  box.restart();
  CHECK_TRUE(box.spool->due(box.now, owed));
  CHECK_TRUE(owed.expired);
}

TEST(Spool, HurryMakesEverythingDueOnceAndLeavesLaterScheduleAlone) {
  const auto first = box.store("hello");
  const auto second = box.store("world");
  for (int i = 0; i < 2; ++i) {
    box.spool->due(box.now, owed);
    box.spool->release(owed.id, box.now, "down");
  }
  CHECK_FALSE(box.spool->due(box.now, owed));
  box.spool->hurry(box.now);
  CHECK_TRUE(box.spool->due(box.now, owed));
  box.spool->release(owed.id, box.now, "down again");
  CHECK_TRUE(box.spool->due(box.now, owed));
  CHECK_FALSE(box.spool->due(box.now, owed));
  CHECK(first != second);
}

TEST(Spool, HandsOutByTime) {
  std::vector<MessageId> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(box.store("m"));
  Instant last{};
  while (box.spool->due(box.now, owed)) box.spool->release(owed.id, box.now, "");
  for (int i = 0; i < 50; ++i) {
    const auto next = box.spool->next_due();
    CHECK(next >= last);
    last = next;
    box.now.instant = next;
    CHECK_TRUE(box.spool->due(box.now, owed));
  }
}

TEST(Spool, IdsGrowEvenWhenTheClockStepsBackAndTheProcessRestarts) {
  const auto first = box.store("one");
  box.now.wall -= std::chrono::hours(1000);
  const auto second = box.store("two");
  CHECK(second > first);
  box.restart();
  const auto third = box.store("three");
  CHECK(third > second);
}

TEST(Spool, AnEmptySpoolStillKnowsTheHighestId) {
  const auto first = box.store("one");
  box.spool->due(box.now, owed);
  box.deliver(first);
  box.settle_disk();
  box.now.wall -= std::chrono::hours(1000);
  box.restart();
  LONGS_EQUAL(0, box.spool->size());
  CHECK(box.store("two") > first);
}

TEST(Spool, SaysWhatAnIdLooksLike) {
  STRCMP_EQUAL("00000000deadbeef", text(0xdeadbeef).c_str());
}

TEST(Spool, AnAbandonedMessageLeavesNothing) {
  const auto id = *box.spool->begin(envelope_to({"anna"}), box.now);
  box.spool->append(id, as_bytes(body_of(5000)));
  box.order();
  box.spool->abandon(id);
  box.settle_disk();
  LONGS_EQUAL(0, box.spool->size());
  LONGS_EQUAL(0, box.spool->chunk_memory_used());
  box.restart();
  LONGS_EQUAL(0, box.spool->size());
}

TEST(Spool, AMessageAbandonedWhileItIsCommittedDoesNotComeBack) {
  const auto id = box.give(envelope_to({"anna"}), "hello");
  box.order();
  box.spool->abandon(id);
  box.settle_disk();
  CHECK_FALSE(box.saw(EventKind::stored, id));
  box.restart();
  LONGS_EQUAL(0, box.spool->size());
}

TEST(Spool, MostMessagesAreAsManyAsTheSettingSays) {
  for (std::uint32_t i = 0; i < box.settings.messages; ++i) CHECK(box.store("m") != 0);
  CHECK_FALSE(box.spool->accepting());
  CHECK_FALSE(box.spool->begin(envelope_to({"anna"}), box.now).has_value());
  LONGS_EQUAL(1, box.counters.refused_full);
}

TEST(Spool, AnswersToNoOrderAreCountedAndIgnored) {
  box.spool->answered({DiskAnswer::Status::ok, 0x77777}, box.now);
  LONGS_EQUAL(1, box.counters.answers_unknown);
}

TEST(Spool, DiscardedMessagesStayAway) {
  const auto id = box.store("hello");
  box.spool->discard(id, box.now);
  box.settle_disk();
  box.restart();
  LONGS_EQUAL(0, box.spool->size());
}
