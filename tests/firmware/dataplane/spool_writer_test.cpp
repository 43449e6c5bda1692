// The spool writer on a real file system: durable answers, full disks, locks.
#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "platform/log/log.hpp"
#include "tests/firmware/dataplane/spool_mail.hpp"

// Last: its macros over `new` do not go together with what library headers do.
#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::dataplane;
using namespace postern::dataplane::test;

namespace {

// A small tmpfs, unmounted at the end; empty path where we may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    if (!scratch_.path().empty() && ::mount("tmpfs", scratch_.path().c_str(), "tmpfs", 0, options) == 0)
      mounted_ = true;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(scratch_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string path() const { return scratch_.path() + "/spool"; }

 private:
  ScratchDirectory scratch_;
  bool mounted_ = false;
};

}  // namespace

TEST_GROUP(SpoolWriter) {
  ScratchDirectory scratch;
  std::string directory = scratch.path() + "/spool";
  SpoolWriterCounters counters;

  void setup() override {
    log::set_output([](std::string_view, void*) {}, nullptr);
  }
  void teardown() override {
    log::set_output(nullptr, nullptr);
  }

  std::unique_ptr<SpoolWriter> start(std::size_t shards = 1) {
    auto writer = SpoolWriter::start({directory, shards, kSegment}, counters);
    if (!writer) FAIL(writer.error().reason.c_str());
    return std::move(*writer);
  }
};

TEST(SpoolWriter, WhatWasStoredIsThereAfterARestart) {
  MessageId id = 0;
  {
    auto writer = start();
    SpoolDriver driver(*writer, small_spool());
    CHECK_TRUE(driver.recover().has_value());
    id = give(driver, body_of(1, 4096));
    driver.settle();
    LONGS_EQUAL(1, count(driver, EventKind::stored));
  }
  auto writer = start();
  SpoolDriver driver(*writer, small_spool());
  CHECK_TRUE(driver.recover().has_value());
  LONGS_EQUAL(1, driver.spool().size());
  CHECK_TRUE(read_all(driver, id) == body_of(1, 4096));
  LONGS_EQUAL(0, driver.spool().damage().size());
}

TEST(SpoolWriter, MakesItsDirectoryForItselfAlone) {
  const auto writer = start(2);
  struct stat facts {};
  LONGS_EQUAL(0, ::stat(directory.c_str(), &facts));
  LONGS_EQUAL(0700, facts.st_mode & 07777);
  LONGS_EQUAL(2, shards_in(directory)->size());
}

TEST(SpoolWriter, GroupsManyMessagesIntoFewSyncs) {
  auto writer = start();
  SpoolDriver driver(*writer, small_spool());
  CHECK_TRUE(driver.recover().has_value());
  for (std::uint64_t i = 0; i < 100; ++i) give(driver, body_of(i, 1000));
  driver.settle();
  LONGS_EQUAL(100, count(driver, EventKind::stored));
  CHECK(counters.syncs < 30);
  CHECK(counters.writes < 60);
}

TEST(SpoolWriter, LargeMessagesGoThroughLittleMemoryAndComeBackWhole) {
  auto writer = start();
  auto settings = small_spool();
  settings.chunk_memory = 1u << 20;
  settings.segment_bytes = 4u << 20;
  SpoolDriver driver(*writer, settings);
  CHECK_TRUE(driver.recover().has_value());
  const auto body = body_of(3, 10'000'000);
  const auto id = give(driver, body);
  driver.settle();
  LONGS_EQUAL(1, count(driver, EventKind::stored));
  CHECK_TRUE(read_all(driver, id) == body);
}

TEST(SpoolWriter, RemovesTheFilesOfDeliveredMail) {
  auto writer = start();
  SpoolDriver driver(*writer, small_spool());
  CHECK_TRUE(driver.recover().has_value());
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto id = give(driver, body_of(i, 100'000));
    driver.settle();
    const spool::Spool::Settled done{0, {}};
    driver.spool().settle(id, {&done, 1}, now());
  }
  driver.settle();
  CHECK(counters.segments_removed >= 4);
  CHECK(segments_in(shard_directory(directory, 0))->size() <= 2);
}

TEST(SpoolWriter, TwoOnOneDirectoryAreRefused) {
  const auto first = start();
  const auto second = SpoolWriter::start({directory, 1, kSegment}, counters);
  CHECK_FALSE(second.has_value());
  CHECK(second.error().reason.find("stop the other data plane") != std::string::npos);
}

TEST(SpoolWriter, SaysWhatToDoWhereItsDirectoryCannotBe) {
  std::ofstream(directory) << "in the way";
  const auto writer = SpoolWriter::start({directory, 1, kSegment}, counters);
  CHECK_FALSE(writer.has_value());
  CHECK(writer.error().reason.find("move it away") != std::string::npos);
  const auto orphan = SpoolWriter::start({scratch.path() + "/no/such", 1, kSegment}, counters);
  CHECK(orphan.error().reason.find("make its parent first") != std::string::npos);
}

TEST(SpoolWriter, RefusesToLeaveTheMailOfAVanishedCoreBehind) {
  {
    auto writer = start(2);
    auto settings = small_spool();
    settings.shard = 1;
    SpoolDriver driver(*writer, settings);
    give(driver, "hello");
    driver.settle();
  }
  const auto fewer = SpoolWriter::start({directory, 1, kSegment}, counters);
  CHECK_FALSE(fewer.has_value());
  CHECK(fewer.error().reason.find("holds 1 message(s) of packet core 1") != std::string::npos);
  start(2);
}

TEST(SpoolWriter, ADamagedSaltIsReplacedAndOldMailIsStillRead) {
  MessageId id = 0;
  {
    auto writer = start();
    SpoolDriver driver(*writer, small_spool());
    CHECK_TRUE(driver.recover().has_value());
    id = give(driver, "hello");
    driver.settle();
  }
  std::ofstream(directory + "/salt", std::ios::trunc) << "nonsense";
  auto writer = start();
  SpoolDriver driver(*writer, small_spool());
  CHECK_TRUE(driver.recover().has_value());
  STRCMP_EQUAL("hello", read_all(driver, id).c_str());
}

TEST(SpoolWriter, PublishesFreeSpace) {
  const auto writer = start();
  CHECK(writer->queue(0).free_bytes.load() < (std::uint64_t{1} << 60));
}

TEST(SpoolWriter, AFullDiskRefusesWhatDoesNotFitAndHarmsNothing) {
  SmallDisk disk("size=3m");
  if (!disk.mounted()) {
    std::printf("(skipped: may not mount a tmpfs)\n");
    return;
  }
  directory = disk.path();
  std::vector<std::pair<MessageId, std::uint64_t>> stored;
  {
    auto writer = start();
    SpoolDriver driver(*writer, small_spool());
    CHECK_TRUE(driver.recover().has_value());
    std::size_t refused = 0;
    for (std::uint64_t i = 0; i < 60; ++i) {
      driver.spool().disk_space(1u << 30, 0);  // somebody who does not see it coming
      const auto id = give(driver, body_of(i, 100'000));
      driver.settle();
      if (count(driver, EventKind::stored) == 1) stored.emplace_back(id, i);
      refused += count(driver, EventKind::not_stored);
      for (const auto& event : driver.spool().events())
        CHECK(event.kind != EventKind::not_stored || event.no_space);
      driver.spool().clear_events();
    }
    CHECK(refused > 10);
    CHECK(stored.size() > 10);
    for (const auto& [id, seed] : stored) CHECK_TRUE(read_all(driver, id) == body_of(seed, 100'000));
  }
  auto writer = start();
  SpoolDriver driver(*writer, small_spool());
  CHECK_TRUE(driver.recover().has_value());
  LONGS_EQUAL(stored.size(), driver.spool().size());
  // Delivered, the disk has room again.
  for (const auto& [id, seed] : stored) {
    CHECK_TRUE(read_all(driver, id) == body_of(seed, 100'000));
    const spool::Spool::Settled done{0, {}};
    driver.spool().settle(id, {&done, 1}, now());
  }
  for (int i = 0; i < 5; ++i) {
    driver.settle();
    driver.spool().disk_space(1u << 30, 0);
  }
  driver.spool().clear_events();
  give(driver, body_of(1, 100'000));
  driver.settle();
  LONGS_EQUAL(1, count(driver, EventKind::stored));
}
