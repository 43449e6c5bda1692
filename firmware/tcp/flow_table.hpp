// Which record a flow belongs to: open addressing, linear probing, backward-shift deletion.
//
// The hash is SipHash with a secret key, so nobody outside can make flows collide. An entry is eight bytes:
// 32 bits of the hash and a reference that says which table the record is in. The table is at most half full
// by construction, so a probe is short; its length is bounded by the table all the same.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "firmware/wire/address.hpp"

namespace postern::tcp {

enum class RecordKind : std::uint8_t { none = 0, connection = 1, half_open = 2, time_wait = 3 };

// Names a record: which table, which slot.
class RecordRef {
 public:
  constexpr RecordRef() = default;
  constexpr RecordRef(RecordKind kind, std::uint32_t slot)
      : raw_(static_cast<std::uint32_t>(kind) << 30 | slot) {}
  constexpr RecordKind kind() const { return static_cast<RecordKind>(raw_ >> 30); }
  constexpr std::uint32_t slot() const { return raw_ & 0x3fffffff; }
  constexpr bool operator==(const RecordRef&) const = default;

 private:
  std::uint32_t raw_ = 0;
};

class FlowTable {
 public:
  explicit FlowTable(std::size_t records)
      : entries_(std::bit_ceil(records * 2 + 16)), mask_(entries_.size() - 1) {}

  // The record with this hash for which `same(ref)` holds.
  template <typename Same>
  RecordRef find(std::uint32_t hash, Same&& same) const {
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Entry& entry = entries_[i];
      if (entry.ref == RecordRef{}) return {};
      if (entry.hash == hash && same(entry.ref)) return entry.ref;
    }
  }

  void insert(std::uint32_t hash, RecordRef ref) {
    std::size_t i = hash & mask_;
    while (entries_[i].ref != RecordRef{}) i = (i + 1) & mask_;
    entries_[i] = {hash, ref};
  }

  void replace(std::uint32_t hash, RecordRef before, RecordRef after) {
    const std::size_t i = place(hash, before);
    if (i != kAbsent) entries_[i].ref = after;
  }

  void erase(std::uint32_t hash, RecordRef ref) {
    std::size_t hole = place(hash, ref);
    if (hole == kAbsent) return;
    for (std::size_t i = (hole + 1) & mask_; entries_[i].ref != RecordRef{}; i = (i + 1) & mask_) {
      const std::size_t home = entries_[i].hash & mask_;
      if (((i - home) & mask_) < ((i - hole) & mask_)) continue;
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = {};
  }

  void prefetch(std::uint32_t hash) const { __builtin_prefetch(&entries_[hash & mask_]); }

 private:
  static constexpr std::size_t kAbsent = ~std::size_t{0};
  struct Entry {
    std::uint32_t hash = 0;
    RecordRef ref;
  };

  std::size_t place(std::uint32_t hash, RecordRef ref) const {
    for (std::size_t i = hash & mask_; entries_[i].ref != RecordRef{}; i = (i + 1) & mask_) {
      if (entries_[i].ref == ref) return i;
    }
    return kAbsent;
  }

  std::vector<Entry> entries_;
  std::size_t mask_;
};

}  // namespace postern::tcp
