// What torn, flipped and foreign bytes in segment files cost: the messages they hit, and no others.
#include "firmware/spool/reader.hpp"
#include "tests/firmware/spool/box.hpp"

// Last: see spool_test.cpp.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::spool;
using namespace postern::spool::test;

TEST_GROUP(SpoolDamage) {
  Box box;
  Owed owed;

  MemoryDisk::File& file(SegmentNumber number) {
    return box.disk.files()[number];
  }
  // Where a body stands in the first file.
  std::size_t find(std::string_view body) {
    return as_text(file(1)).find(body);
  }
  void flip(std::size_t at) {
    file(1)[at] ^= 0x10;
  }
};

TEST(SpoolDamage, AFlippedBodyCostsItsMessageAndNoOther) {
  const auto first = box.store("first body");
  const auto second = box.store("second body");
  const auto third = box.store("third body");
  flip(find("second body"));
  box.restart();
  LONGS_EQUAL(2, box.counters.recovered);
  LONGS_EQUAL(1, box.counters.recovered_damaged);
  LONGS_EQUAL(1, box.spool->set_aside().size());
  LONGS_EQUAL(second, box.spool->set_aside()[0]);
  STRCMP_EQUAL("first body", box.read(first).c_str());
  STRCMP_EQUAL("third body", box.read(third).c_str());
}

TEST(SpoolDamage, IsReportedByPlaceAndMessage) {
  const auto id = box.store("some body");
  box.store("another");
  flip(find("some body"));
  box.restart();
  LONGS_EQUAL(2, box.spool->damage().size());
  LONGS_EQUAL(1, box.spool->damage()[0].segment);
  CHECK(box.spool->damage()[0].length > 0);
  LONGS_EQUAL(id, box.spool->damage()[1].id);
}

TEST(SpoolDamage, AMessageSetAsideIsNotTriedButCanBeSettled) {
  const auto id = box.store("some body");
  box.store("another");
  flip(find("some body"));
  box.restart();
  CHECK_TRUE(box.spool->due(box.now, owed));
  CHECK(owed.id != id);
  CHECK_FALSE(box.spool->due(box.now, owed));
  STRCMP_EQUAL("anna", box.spool->owed(id)->envelope->recipients[0].path.local.c_str());
  box.settle(id, 0, Verdict::Kind::failed);
  box.settle_disk();
  LONGS_EQUAL(0, box.spool->set_aside().size());
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
}

TEST(SpoolDamage, AFlippedHeaderIsSteppedOver) {
  box.store("first body");
  const auto second = box.store("second body");
  flip(find("first body") - kRecordHeader + 1);
  box.restart();
  LONGS_EQUAL(1, box.counters.recovered_damaged);
  STRCMP_EQUAL("second body", box.read(second).c_str());
}

TEST(SpoolDamage, AFileWhoseFirstRecordIsDamagedIsStillRead) {
  const auto id = box.store("some body");
  flip(3);
  box.restart();
  STRCMP_EQUAL("some body", box.read(id).c_str());
  LONGS_EQUAL(1, box.counters.damaged_regions);
}

TEST(SpoolDamage, ATornLastRecordIsNotFatalAndNobodysLoss) {
  const auto first = box.store("first body");
  box.store("second body");
  auto& bytes = file(1);
  bytes.resize(bytes.size() - 20);
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
  STRCMP_EQUAL("first body", box.read(first).c_str());
  LONGS_EQUAL(1, box.counters.recovered_incomplete);
  LONGS_EQUAL(0, box.counters.recovered_damaged);
  LONGS_EQUAL(1, box.counters.damaged_regions);
}

TEST(SpoolDamage, EveryCutOfTheFileKeepsTheWholeMessagesBeforeIt) {
  std::vector<std::size_t> ends;
  for (int i = 0; i < 3; ++i) {
    box.store(body_of(300, 7));
    ends.push_back(file(1).size());
  }
  const auto whole = file(1);
  for (std::size_t cut = 0; cut <= whole.size(); cut += 3) {
    file(1).assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    box.start_again();
    const auto expected = std::count_if(ends.begin(), ends.end(), [&](auto end) { return end <= cut; });
    LONGS_EQUAL(expected, box.spool->size());
  }
}

TEST(SpoolDamage, EverySingleFlippedBitLeavesTheOtherMessagesWhole) {
  std::vector<MessageId> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(box.store(body_of(60, static_cast<std::uint64_t>(i))));
  const auto whole = file(1);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    file(1) = whole;
    flip(at);
    box.start_again();
    int there = 0;
    for (const auto id : ids) there += box.spool->owed(id).has_value() && box.spool->set_aside().empty();
    const auto aside = box.spool->set_aside().size();
    CHECK(there >= 3 || (aside == 1 && box.spool->size() >= 4));
    CHECK(box.spool->size() >= 3);
  }
}

TEST(SpoolDamage, ABodyThatLooksLikeARecordIsNotTakenForOne) {
  const auto victim = box.store("victim");
  // A `done` record for the victim as it would stand in another spool.
  std::string forged(256, '\0');
  for (std::size_t at = 0; at + 48 <= forged.size(); at += 48) {
    RecordHeader header;
    header.type = RecordType::done;
    header.id = victim;
    header.stamp = record_stamp(0, 1, 0);
    write_header(reinterpret_cast<std::uint8_t*>(forged.data() + at), header);
  }
  box.store(forged);
  flip(find(forged) - 20);  // the header of the record the forged ones stand in
  box.restart();
  CHECK(box.counters.damaged_regions > 0);
  CHECK_TRUE(box.spool->owed(victim).has_value());
}

TEST(SpoolDamage, ARecordCopiedToAnotherPlaceIsNotBelieved) {
  const auto id = box.store("some body");
  box.store("another");
  const auto whole = file(1);
  file(1).insert(file(1).end(), whole.begin(), whole.end());
  box.restart();
  LONGS_EQUAL(2, box.spool->size());
  STRCMP_EQUAL("some body", box.read(id).c_str());
  CHECK(box.counters.damaged_bytes >= whole.size());
}

TEST(SpoolDamage, ABodyDamagedAfterTheStartIsFoundWhenItIsReadBack) {
  box.settings.cached_message_bytes = 0;
  box.start_again();
  const auto id = box.store("some body");
  file(1)[find("some body")] ^= 1;
  STRCMP_EQUAL("(failed)", box.read(id).c_str());
  LONGS_EQUAL(1, box.counters.set_aside);
  LONGS_EQUAL(1, box.spool->set_aside().size());
}

TEST(SpoolDamage, ADiskThatDoesNotReadSetsAside) {
  box.settings.cached_message_bytes = 0;
  box.start_again();
  const auto id = box.store("some body");
  box.disk.fault = [](const DiskOrder& order) {
    return order.kind == DiskOrder::Kind::read ? DiskAnswer::Status::failed : DiskAnswer::Status::ok;
  };
  STRCMP_EQUAL("(failed)", box.read(id).c_str());
}

TEST(SpoolDamage, ZerosAtTheEndAreNoDamage) {
  box.disk.preallocate = box.settings.segment_bytes;
  box.store("some body");
  box.restart();
  LONGS_EQUAL(0, box.counters.damaged_regions);
  LONGS_EQUAL(1, box.spool->size());
}

TEST(SpoolDamage, ForeignFilesAreReportedAndHarmless) {
  box.store("some body");
  file(77) = MemoryDisk::File(5000, 'x');
  box.restart();
  LONGS_EQUAL(1, box.spool->size());
  LONGS_EQUAL(1, box.counters.damaged_regions);
  box.store("another");
  CHECK(box.disk.files().contains(78));
}

TEST(SpoolDamage, TheReaderSeesTheSame) {
  const auto first = box.store(envelope_to({"anna", "bert"}), "first body");
  const auto second = box.store("second body");
  box.store("third body");
  box.spool->due(box.now, owed);
  const Spool::Settled settled[] = {{0, {Verdict::Kind::deferred, 450, "4.2.0", "try later", "mx"}},
                                    {1, {Verdict::Kind::delivered, 250, "2.0.0", "", "mx"}}};
  box.spool->settle(first, settled, box.now);
  box.settle_disk();
  flip(find("second body"));
  Reader reader;
  for (const auto& [number, bytes] : box.disk.files()) {
    reader.feed(number, 0, bytes);
    reader.segment_end(number);
  }
  const auto messages = reader.messages();
  LONGS_EQUAL(3, messages.size());
  LONGS_EQUAL(1, messages[0].attempts);
  CHECK_TRUE(messages[0].recipients[0].owed);
  CHECK_FALSE(messages[0].recipients[1].owed);
  STRCMP_EQUAL("mx: 450 4.2.0 try later", messages[0].last_words.c_str());
  LONGS_EQUAL(second, messages[1].id);
  STRCMP_EQUAL("damaged", std::string(name_of(messages[1].state)).c_str());
  CHECK_TRUE(messages[1].envelope_whole);
  const auto& part = messages[2].parts[0];
  STRCMP_EQUAL("third body",
               std::string(as_text(body_of_record(Bytes(file(1)).subspan(part.offset), messages[2].id, part)))
                   .c_str());
}
