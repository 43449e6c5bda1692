// The snapshot table: facts of up to a million domains in one span of memory that one process writes and
// others read.
//
// A reader takes no lock, writes nothing and does a bounded number of steps; it copies an entry out and
// checks afterwards that it was not rewritten meanwhile, so what it returns is always one entry as it was
// published. The writer may die at any moment: readers see the old entry, the new one, or none. "None" is
// always safe: it means "ask". A writer that begins empties the table.
//
// Layout: header, buckets of sixteen slots (two candidate buckets per domain), blocks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "firmware/policy/encoding.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/counters.hpp"
#include "platform/base/result.hpp"
#include "platform/base/siphash.hpp"
#include "platform/base/time.hpp"

namespace postern::policy {

#define POSTERN_POLICY_TABLE_COUNTERS(X)                                       \
  X(table_published, "policy table: entries written")                          \
  X(table_removed, "policy table: entries taken out")                          \
  X(table_evicted, "policy table: entries taken out to make room")             \
  X(table_no_room, "policy table: entries for which there was no room at all") \
  X(table_entries, "policy table: entries now")                                \
  X(table_units, "policy table: units of 256 bytes in use")
POSTERN_DEFINE_COUNTERS(TableCounters, POSTERN_POLICY_TABLE_COUNTERS);

struct TableSize {
  std::uint64_t domains = 1'000'000;
  std::uint64_t entry_bytes = 512;  // what one takes on average
};
// How long the span must be.
std::size_t table_bytes(const TableSize& size);

// One per table. Not thread safe: one thread of one process.
class TableWriter {
 public:
  // `memory` must be 64-byte aligned and at least table_bytes(size) long. Whatever is in it is forgotten.
  // `seed` keys the hash and the versions: random, new for each writer.
  static Result<TableWriter> over(MutableBytes memory, const TableSize& size,
                                  const std::array<std::uint8_t, 24>& seed);
  ~TableWriter();
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;

  // Replaces what is there for the domain. False (counted): too large, or no room.
  bool publish(const Facts& facts);
  bool publish(Bytes encoded);
  void remove(std::string_view domain);
  const TableCounters& counters() const;

  struct State;

 private:
  explicit TableWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Has no state that changes: one for all, or one per thread.
class TableReader {
 public:
  // Checks the header against the span's length. The span may be read-only.
  static Result<TableReader> over(Bytes memory);

  // Lets the memory that lookups will have to wait for come into the cache: domains looked up after this wait
  // for it together and not each by itself.
  void prefetch(std::span<const std::string_view> domains) const;
  // Copies the domain's entry to `buffer` (kMostEncoded bytes hold any; 8-byte aligned) and gives the part
  // that was filled; empty: nothing is known, or the writer was in the way: ask. Whether it has expired is
  // the caller's to see.
  Bytes lookup(std::string_view domain, MutableBytes buffer) const;
  // The same, but of the entry only what FactsView::front needs for a decision about so many hosts.
  Bytes lookup_front(std::string_view domain, std::size_t hosts, MutableBytes buffer) const;

 private:
  Bytes find(std::string_view domain, std::size_t hosts, MutableBytes buffer) const;

  const std::uint8_t* memory_ = nullptr;
  std::uint64_t buckets_ = 0;
  std::uint64_t units_ = 0;
};

}  // namespace postern::policy
