// How many connections each peer network holds: an exact count per IPv4 /24 or IPv6 /56.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "firmware/tcp/keyed_hash.hpp"
#include "firmware/wire/address.hpp"

namespace postern::tcp {

class PrefixBudgets {
 public:
  // `most` per prefix, 0 for no limit (then nothing is counted); at most `connections` in all.
  PrefixBudgets(std::uint32_t most, std::uint32_t connections, const HashKey& key)
      : most_(most), key_(key), entries_(most == 0 ? 1 : std::bit_ceil(std::size_t{connections} * 2 + 16)) {}

  bool full(const wire::IpAddress& peer) const {
    return most_ != 0 && entries_[place(prefix(peer))].count >= most_;
  }
  void add(const wire::IpAddress& peer) {
    if (most_ == 0) return;
    const wire::IpAddress key = prefix(peer);
    Entry& entry = entries_[place(key)];
    entry.prefix = key;
    ++entry.count;
  }
  void remove(const wire::IpAddress& peer) {
    if (most_ == 0) return;
    const std::size_t at = place(prefix(peer));
    if (entries_[at].count > 0 && --entries_[at].count == 0) close_gap(at);
  }

 private:
  struct Entry {
    wire::IpAddress prefix;
    std::uint32_t count = 0;
  };

  static wire::IpAddress prefix(const wire::IpAddress& peer) { return wire::budget_prefix(peer); }
  std::size_t home(const wire::IpAddress& key) const {
    return keyed_hash(key_, {{key, 0}, {}}) & (entries_.size() - 1);
  }
  // Where the prefix is, or the free place where it would go.
  std::size_t place(const wire::IpAddress& key) const {
    std::size_t i = home(key);
    while (entries_[i].count != 0 && entries_[i].prefix != key) i = (i + 1) & (entries_.size() - 1);
    return i;
  }
  void close_gap(std::size_t hole) {
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t i = (hole + 1) & mask; entries_[i].count != 0; i = (i + 1) & mask) {
      if (((i - home(entries_[i].prefix)) & mask) < ((i - hole) & mask)) continue;
      entries_[hole] = entries_[i];
      entries_[i].count = 0;
      hole = i;
    }
  }

  std::uint32_t most_;
  HashKey key_;
  std::vector<Entry> entries_;
};

}  // namespace postern::tcp
