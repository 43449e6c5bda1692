// The snapshot table: what is published is found, and nothing else, whatever the writer is doing.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "firmware/policy/table/table.hpp"
#include "tests/firmware/policy/example_facts.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::policy;
using namespace postern::policy::test;

namespace {

struct Memory {
  explicit Memory(std::size_t size)
      : at(static_cast<std::uint8_t*>(std::aligned_alloc(64, (size + 63) / 64 * 64))), bytes(size) {
    std::memset(at, 0, size);
  }
  ~Memory() { std::free(at); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  MutableBytes span() const { return {at, bytes}; }

  std::uint8_t* at;
  std::size_t bytes;
};

std::array<std::uint8_t, 24> seed(std::uint8_t number) {
  std::array<std::uint8_t, 24> bytes{};
  bytes.fill(number);
  return bytes;
}

std::string domain(int number) {
  return "d" + std::to_string(number) + ".example";
}

// Facts that say in three places which version they are.
Facts stamped(const std::string& name, std::uint32_t stamp) {
  auto facts = example_facts(name);
  facts.sts = example_policy(StsMode::enforce);
  facts.sts.max_age = stamp;
  facts.sts.id = std::to_string(stamp);
  facts.hosts[1].tlsa[0].data.assign(32, static_cast<std::uint8_t>(stamp));
  facts.sts.text = std::string(stamp % 900, 'x');
  return facts;
}

bool whole(const FactsView& view) {
  const auto stamp = view.sts_max_age();
  const auto record = view.host_tlsa(1, 0);
  return view.sts_id() == std::to_string(stamp) && record.data.size() == 32 &&
         record.data[0] == static_cast<std::uint8_t>(stamp) && record.data[31] == record.data[0] &&
         view.sts_text().size() == stamp % 900;
}

}  // namespace

TEST_GROUP(Table) {
  TableSize size{.domains = 1000, .entry_bytes = 1024};
  Memory memory{table_bytes(TableSize{.domains = 1000, .entry_bytes = 1024})};
  alignas(8) std::array<std::uint8_t, kMostEncoded> buffer;

  TableWriter writer(std::uint8_t number = 1) {
    return std::move(*TableWriter::over(memory.span(), size, seed(number)));
  }
  TableReader reader() {
    return *TableReader::over(memory.span());
  }
};

TEST(Table, what_was_published_is_found_and_nothing_else) {
  auto in = writer();
  const auto out = reader();
  for (int i = 0; i < 1000; ++i) CHECK_TRUE(in.publish(stamped(domain(i), static_cast<std::uint32_t>(i))));
  for (int i = 0; i < 1000; ++i) {
    const auto entry = out.lookup(domain(i), buffer);
    CHECK_TRUE(*decode(entry) == stamped(domain(i), static_cast<std::uint32_t>(i)));
  }
  CHECK_TRUE(out.lookup(domain(1000), buffer).empty());
  CHECK_TRUE(out.lookup("", buffer).empty());
  const std::vector<std::string_view> some(40, "d7.example");
  out.prefetch(some);
  out.prefetch({});
  CHECK_FALSE(out.lookup("d7.example", buffer).empty());
  CHECK_EQUAL(1000, in.counters().table_entries);
}

TEST(Table, a_newer_entry_replaces_the_older_and_its_memory_is_used_again) {
  auto in = writer();
  const auto out = reader();
  for (std::uint32_t i = 0; i < 100000; ++i) CHECK_TRUE(in.publish(stamped("a.example", i)));
  CHECK_EQUAL(99999, FactsView::over(out.lookup("a.example", buffer))->sts_max_age());
  CHECK_EQUAL(1, in.counters().table_entries);
  CHECK_EQUAL(0, in.counters().table_evicted);
  CHECK_TRUE(in.counters().table_units < 40);
}

TEST(Table, what_was_removed_is_gone) {
  auto in = writer();
  in.publish(stamped("a.example", 1));
  in.remove("a.example");
  in.remove("b.example");
  CHECK_TRUE(reader().lookup("a.example", buffer).empty());
  CHECK_EQUAL(0, in.counters().table_entries);
  CHECK_EQUAL(0, in.counters().table_units);
}

TEST(Table, when_memory_is_used_up_older_entries_make_room) {
  auto in = writer();
  const auto out = reader();
  for (int i = 0; i < 20000; ++i) {
    CHECK_TRUE(in.publish(stamped(domain(i), static_cast<std::uint32_t>(i))));
    CHECK_FALSE(out.lookup(domain(i), buffer).empty());
  }
  CHECK_TRUE(in.counters().table_evicted > 0);
  CHECK_TRUE(in.counters().table_entries > 500);
}

TEST(Table, a_new_writer_begins_with_nothing) {
  {
    auto first = writer(1);
    first.publish(stamped("a.example", 1));
  }
  const auto out = reader();
  CHECK_FALSE(out.lookup("a.example", buffer).empty());
  auto second = writer(2);
  CHECK_TRUE(out.lookup("a.example", buffer).empty());
  second.publish(stamped("a.example", 2));
  CHECK_EQUAL(2, FactsView::over(out.lookup("a.example", buffer))->sts_max_age());
}

TEST(Table, memory_that_is_no_table_is_refused) {
  CHECK_FALSE(TableReader::over(memory.span()).has_value());
  CHECK_FALSE(TableReader::over({}).has_value());
  CHECK_FALSE(TableWriter::over(memory.span().first(1000), size, seed(1)).has_value());
  auto in = writer();
  CHECK_FALSE(TableReader::over(memory.span().first(memory.bytes / 2)).has_value());
}

TEST(Table, a_buffer_that_is_too_small_finds_nothing) {
  auto in = writer();
  in.publish(stamped("a.example", 500));
  CHECK_TRUE(reader().lookup("a.example", MutableBytes(buffer).first(100)).empty());
}

TEST(Table, the_front_of_an_entry_is_enough_for_a_decision) {
  auto in = writer();
  const auto long_name =
      std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + ".example";
  for (const auto& name : {std::string("a.example"), long_name}) {
    in.publish(stamped(name, 5));
    const auto entry = reader().lookup_front(name, 1, buffer);
    const auto view = FactsView::front(entry);
    CHECK_EQUAL(1, view->head().hosts);
    CHECK_TRUE(view->domain() == name);
    CHECK_EQUAL(1, view->host(0).tlsa_usable);
    CHECK_TRUE(entry.size() < 360);
    CHECK_FALSE(FactsView::over(entry).has_value());
    CHECK_EQUAL(2, FactsView::front(reader().lookup_front(name, 9, buffer))->head().hosts);
  }
  CHECK_TRUE(reader().lookup_front("b.example", 1, buffer).empty());
}

TEST(Table, a_wild_table_is_harmless) {
  auto in = writer();
  for (int i = 0; i < 100; ++i) in.publish(stamped(domain(i), 7));
  const auto out = reader();
  std::uint64_t state = 88172645463325252u;
  for (int round = 0; round < 200; ++round) {
    // Everything behind the header becomes noise.
    for (std::size_t at = 64; at + 8 <= memory.bytes; at += 8) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      const auto word = round % 2 == 0 ? state : state & 0xffff'ff00'0000'ffff;
      std::memcpy(memory.at + at, &word, 8);
      if (at > 40000) at += 4096;
    }
    for (int i = 0; i < 100; ++i) {
      out.lookup(domain(i), buffer);
      out.lookup_front(domain(i), 2, buffer);
      const auto name = domain(i);
      const std::string_view one[] = {name};
      out.prefetch(one);
    }
  }
}

TEST(Table, readers_see_whole_entries_while_the_writer_writes) {
  auto in = writer();
  const auto out = reader();
  for (int i = 0; i < 8; ++i) in.publish(stamped(domain(i), 0));
  std::atomic<bool> over{false};
  std::atomic<int> torn{0};
  std::atomic<int> missed{0};
  std::atomic<std::uint64_t> found{0};
  const auto read = [&] {
    alignas(8) std::array<std::uint8_t, kMostEncoded> copy;
    for (int i = 0; !over; i = (i + 1) % 8) {
      const auto entry = out.lookup(domain(i), copy);
      const auto view = FactsView::over(entry);
      if (!view) {
        ++missed;
      } else if (whole(*view) && view->domain() == domain(i)) {
        ++found;
      } else {
        ++torn;
      }
    }
  };
  std::thread one(read);
  std::thread two(read);
  for (std::uint32_t i = 0; i < 60000 || found < 1000; ++i)
    in.publish(stamped(domain(static_cast<int>(i % 8)), i));
  over = true;
  one.join();
  two.join();
  CHECK_EQUAL(0, torn.load());
  CHECK_TRUE(found > 1000);
}
