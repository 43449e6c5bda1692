// A full disk, a failing disk, little memory; and getting segment files back.
#include "tests/firmware/spool/box.hpp"

// Last: see spool_test.cpp.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::spool;
using namespace postern::spool::test;

TEST_GROUP(SpoolSpace) {
  Box box;
  Owed owed;

  void deliver_all() {
    box.spool->hurry(box.now);
    while (box.spool->due(box.now, owed)) {
      for (const auto recipient : std::vector(owed.recipients))
        box.settle(owed.id, recipient, Verdict::Kind::delivered);
    }
    box.settle_disk();
  }
};

TEST(SpoolSpace, AFullDiskRefusesTheMessageAndKeepsTheOthers) {
  const auto first = box.store(body_of(3000));
  box.disk.capacity = box.disk.used();
  const auto second = box.store(body_of(3000));
  CHECK_TRUE(box.saw(EventKind::not_stored, second));
  CHECK_TRUE(box.events.back().no_space);
  CHECK_FALSE(box.spool->accepting());
  CHECK_FALSE(box.spool->begin(envelope_to({"anna"}), box.now).has_value());
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
  CHECK_TRUE(box.read(first) == body_of(3000));
}

TEST(SpoolSpace, GoesOnWhenThereIsSpaceAgain) {
  box.store("first");
  box.disk.capacity = box.disk.used();
  box.store("second");
  box.disk.capacity = ~std::uint64_t{0};
  box.spool->disk_space(1'000'000, 1000);
  CHECK_TRUE(box.spool->accepting());
  const auto third = box.store("third");
  CHECK_TRUE(box.saw(EventKind::stored, third));
  box.restart();
  LONGS_EQUAL(2, box.spool->size());
}

TEST(SpoolSpace, TheReserveIsKeptForTheQueueItself) {
  box.spool->disk_space(999, 1000);
  CHECK_FALSE(box.spool->accepting());
  LONGS_EQUAL(0, box.give(envelope_to({"anna"}), "hello"));
  LONGS_EQUAL(1, box.counters.refused_no_space);
}

TEST(SpoolSpace, ADoneThatCannotBeWrittenIsWrittenLater) {
  const auto id = box.store("first");
  const auto capacity = box.disk.used();
  box.spool->due(box.now, owed);
  box.disk.capacity = capacity;
  box.deliver(id);
  box.settle_disk();
  box.disk.capacity = ~std::uint64_t{0};
  box.spool->disk_space(1'000'000, 0);
  box.settle_disk();
  box.restart();
  LONGS_EQUAL(0, box.spool->size());
}

TEST(SpoolSpace, ARefusedMessageWhoseCommitReachedTheDiskDoesNotComeBack) {
  box.store("first");
  box.order();
  const auto id = box.give(envelope_to({"anna"}), "second");
  box.order();
  // The disk wrote everything and said it did not.
  DiskOrder lie;
  bool lied = false;
  box.disk.fault = [&](const DiskOrder& order) {
    if (lied) return DiskAnswer::Status::ok;
    lied = true;
    lie = order;
    auto& file = box.disk.files()[order.segment];
    if (file.size() < order.offset + order.length) file.resize(order.offset + order.length);
    std::copy_n(order.data, order.length, file.begin() + static_cast<std::ptrdiff_t>(order.offset));
    return DiskAnswer::Status::failed;
  };
  box.settle_disk();
  CHECK_TRUE(box.saw(EventKind::not_stored, id));
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
  CHECK_FALSE(box.spool->owed(id).has_value());
}

TEST(SpoolSpace, SegmentsOfDeliveredMailGo) {
  for (int i = 0; i < 100; ++i) box.store(body_of(2000));
  CHECK(box.disk.files().size() > 10);
  deliver_all();
  LONGS_EQUAL(1, box.disk.files().size());
  LONGS_EQUAL(0, box.spool->chunk_memory_used());
}

TEST(SpoolSpace, OneOldMessageDoesNotHoldItsSegment) {
  const auto old = box.store(body_of(500));
  for (int i = 0; i < 40; ++i) {
    box.store(body_of(2000));
    while (box.spool->due(box.now, owed)) {
      if (owed.id == old) continue;
      box.deliver(owed.id);
    }
    box.settle_disk();
  }
  CHECK(box.disk.files().size() <= 3);
  CHECK(box.counters.copied_forward > 0);
  CHECK_TRUE(box.read(old) == body_of(500));
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
  CHECK_TRUE(box.read(old) == body_of(500));
}

TEST(SpoolSpace, CopyingDoesNotLoseWhatWasSaidOfAMessage) {
  const auto old = box.store(envelope_to({"anna", "bert"}), body_of(3000));
  box.spool->due(box.now, owed);
  box.settle(old, 0, Verdict::Kind::delivered);
  box.settle(old, 1, Verdict::Kind::deferred, "not now");
  for (int i = 0; i < 40; ++i) {
    box.deliver(box.store(body_of(2000)));
    box.settle_disk();
  }
  CHECK(box.counters.copied_forward > 0);
  box.restart();
  LONGS_EQUAL(1, box.spool->owed(old)->recipients.size());
  STRCMP_EQUAL("not now", box.spool->last_verdict(old, 1)->text.c_str());
}

TEST(SpoolSpace, ASegmentThatOnlyHoldsDoneRecordsIsGivenBack) {
  // A large living message keeps the first segment; others in it are done much later, one per later segment.
  box.store(body_of(9000));
  std::vector<MessageId> small;
  for (int i = 0; i < 6; ++i) small.push_back(box.store("small"));
  while (box.spool->due(box.now, owed)) {
  }
  for (const auto id : small) {
    box.deliver(id);
    for (int i = 0; i < 10; ++i) {
      box.deliver(box.store(body_of(2000)));
      box.settle_disk();
    }
  }
  box.spool->disk_space(1'000'000, 0);
  box.settle_disk();
  CHECK(box.counters.tombs_forwarded > 0);
  CHECK(box.disk.files().size() <= 4);
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
}

TEST(SpoolSpace, TakesLessWhenMemoryIsOutAndSaysWhenThereIsRoom) {
  const auto id = *box.spool->begin(envelope_to({"anna"}), box.now);
  const auto body = body_of(300'000);
  const auto taken = box.spool->append(id, as_bytes(body));
  CHECK(taken < 100'000);
  CHECK(box.counters.append_short > 0);
  box.settle_disk();
  CHECK_TRUE(box.saw(EventKind::room, id));
  CHECK(box.spool->append(id, as_bytes(body).subspan(taken)) > 0);
}

TEST(SpoolSpace, IdleHalfMessagesDoNotKeepOthersOut) {
  for (int i = 0; i < 200; ++i) {
    const auto id = *box.spool->begin(envelope_to({"anna"}), box.now);
    box.spool->append(id, as_bytes(body_of(900)));
  }
  const auto id = box.store(body_of(2000));
  CHECK_TRUE(box.saw(EventKind::stored, id));
  CHECK(box.counters.idle_flushed > 0);
}

TEST(SpoolSpace, SmallMessagesDoNotPinWholeFrames) {
  box.settings = {};
  box.settings.chunk_memory = 8u << 20;
  box.start_again();
  for (int i = 0; i < 900; ++i) box.store(body_of(4096));
  LONGS_EQUAL(0, box.counters.evicted);
}

TEST(SpoolSpace, DeliversFromDiskWhatMemoryCouldNotKeep) {
  std::vector<MessageId> ids;
  for (std::uint64_t i = 0; i < 200; ++i) ids.push_back(box.store(body_of(1500, i)));
  CHECK(box.counters.evicted > 0);
  for (std::uint64_t i = 0; i < 200; ++i) CHECK_TRUE(box.read(ids[i]) == body_of(1500, i));
}

TEST(SpoolSpace, ARemovalThatFailsIsTriedAgain) {
  box.disk.fault = [](const DiskOrder& order) {
    return order.kind == DiskOrder::Kind::remove ? DiskAnswer::Status::failed : DiskAnswer::Status::ok;
  };
  for (int i = 0; i < 50; ++i) box.store(body_of(2000));
  deliver_all();
  CHECK(box.counters.removes_failed > 0);
  CHECK(box.disk.files().size() > 1);
  box.disk.fault = nullptr;
  box.spool->disk_space(1'000'000, 0);
  box.settle_disk();
  LONGS_EQUAL(1, box.disk.files().size());
}

TEST(SpoolSpace, AMessageCanBeFinishedWhenIdleOnesHoldAllMemory) {
  const auto empty = *box.spool->begin(envelope_to({"anna"}), box.now);
  std::vector<MessageId> idle;
  while (box.counters.append_short == 0) {
    idle.push_back(*box.spool->begin(envelope_to({"anna"}), box.now));
    box.spool->append(idle.back(), as_bytes(body_of(900)));
  }
  box.spool->finish(empty, box.now);
  box.settle_disk();
  CHECK_TRUE(box.saw(EventKind::stored, empty));
}
