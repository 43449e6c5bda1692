// The page of counters and the outcome ring, as memory that somebody else may have scribbled on.
#include "firmware/ipc/counter_page.hpp"
#include "firmware/ipc/outcome_ring.hpp"

#include <cstring>
#include <random>
#include <thread>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::ipc;

#define TEST_COUNTERS(X) X(apples, "apples counted") X(pears, "pears counted")
POSTERN_DEFINE_COUNTERS(FruitCounters, TEST_COUNTERS);

namespace {

struct alignas(64) Line {
  std::uint8_t bytes[64];
};

struct Memory {
  explicit Memory(std::size_t size) : size_(size), lines_(size / sizeof(Line) + 1) {}
  MutableBytes bytes() { return {lines_[0].bytes, size_}; }
  std::size_t size_;
  std::vector<Line> lines_;
};

}  // namespace

TEST_GROUP(CounterPageTest){};

TEST(CounterPageTest, a_reader_sees_names_meanings_and_what_was_counted) {
  Memory memory(CounterPage::size_for(2));
  CounterPage page(memory.bytes());
  auto& first = page.place<FruitCounters>("fruit", 0);
  auto& second = page.place<FruitCounters>("fruit", 1);
  first.apples += 3;
  second.pears += 5;
  const auto rooms = read_counters(memory.bytes());
  LONGS_EQUAL(2, rooms.size());
  STRCMP_EQUAL("fruit", rooms[1].room.c_str());
  LONGS_EQUAL(1, rooms[1].shard);
  LONGS_EQUAL(3, rooms[0].values[0].value);
  LONGS_EQUAL(5, rooms[1].values[1].value);
  STRCMP_EQUAL("pears", std::string(rooms[1].values[1].name).c_str());
  STRCMP_EQUAL("pears counted", std::string(rooms[1].values[1].meaning).c_str());
}

TEST(CounterPageTest, counters_of_two_shards_share_no_cache_line) {
  Memory memory(CounterPage::size_for(2));
  CounterPage page(memory.bytes());
  const auto* first = reinterpret_cast<std::uint8_t*>(&page.place<FruitCounters>("fruit", 0));
  const auto* second = reinterpret_cast<std::uint8_t*>(&page.place<FruitCounters>("fruit", 1));
  CHECK(second - first >= 64);
  LONGS_EQUAL(0, reinterpret_cast<std::uintptr_t>(first) % 64);
}

TEST(CounterPageTest, a_full_page_still_counts_somewhere) {
  Memory memory(512);
  CounterPage page(memory.bytes());
  for (std::uint32_t shard = 0; shard < 50; ++shard)
    page.place<FruitCounters>("fruit", shard).apples += shard;
  CHECK(read_counters(memory.bytes()).size() < 50);
}

TEST(CounterPageTest, sixty_four_shards_of_ten_rooms_fit) {
  Memory memory(CounterPage::size_for(64));
  CounterPage page(memory.bytes());
  for (std::uint32_t shard = 0; shard < 64; ++shard) {
    for (const auto* room : {"net", "tcp", "tls", "smtp", "spool", "shard", "core", "nic", "disk", "more"}) {
      page.place<FruitCounters>(room, shard);
    }
  }
  LONGS_EQUAL(640, read_counters(memory.bytes()).size());
}

TEST(CounterPageTest, scribbles_never_lead_outside_the_page) {
  Memory memory(CounterPage::size_for(1));
  CounterPage page(memory.bytes());
  page.place<FruitCounters>("fruit", 0);
  std::mt19937 random(1);
  const std::vector<std::uint8_t> clean(memory.bytes().begin(), memory.bytes().end());
  for (int round = 0; round < 20000; ++round) {
    std::copy(clean.begin(), clean.end(), memory.bytes().begin());
    for (int i = 0; i < 4; ++i) memory.bytes()[16 + random() % 80] = static_cast<std::uint8_t>(random());
    for (const auto& room : read_counters(memory.bytes())) CHECK(room.values.size() <= 1024);
  }
}

TEST(CounterPageTest, foreign_memory_reads_as_nothing) {
  Memory memory(4096);
  CHECK(read_counters(memory.bytes()).empty());
  CHECK(read_counters({}).empty());
}

TEST_GROUP(OutcomeRingTest){};

TEST(OutcomeRingTest, outcomes_come_out_in_the_order_they_went_in) {
  Memory memory(outcome_rings_size(2));
  make_outcome_rings(memory.bytes(), 2);
  auto& ring = outcome_ring(memory.bytes(), 1);
  std::thread pusher([&] {
    Outcome outcome{};
    for (std::uint64_t i = 0; i < 10000;) {
      outcome.spool_id = i;
      if (ring.push(outcome)) ++i;
    }
  });
  Outcome got{};
  for (std::uint64_t i = 0; i < 10000;) {
    if (!ring.pop(got)) continue;
    CHECK(got.spool_id == i);
    ++i;
  }
  pusher.join();
  CHECK(outcome_ring(memory.bytes(), 0).empty());
}

TEST(OutcomeRingTest, a_full_ring_says_so) {
  Memory memory(outcome_rings_size(1));
  make_outcome_rings(memory.bytes(), 1);
  auto& ring = outcome_ring(memory.bytes(), 0);
  Outcome outcome{};
  for (int i = 0; i < 4096; ++i) CHECK(ring.push(outcome));
  CHECK(!ring.push(outcome));
}
