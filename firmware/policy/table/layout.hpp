// How the snapshot table lies in memory, and the words both sides read and write in it. Only the files of
// this folder include it.
//
// All shared words are read and written with atomic operations, relaxed ones between the fences of a sequence
// lock: a reader may look at a block while it is rewritten, and finds out afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "platform/base/bytes.hpp"
#include "platform/base/siphash.hpp"

namespace postern::policy::table {

inline constexpr std::uint64_t kMagic = 0x3130'4c4f'5054'5350;  // "PSTPOL01"
inline constexpr std::size_t kUnit = 64;
inline constexpr std::size_t kSlots = 8;  // per bucket: one cache line
inline constexpr std::size_t kHeaderBytes = 64;

// Words of 64 bits in the header.
enum Header : std::size_t {
  magic = 0,
  buckets = 1,  // a power of two
  units = 2,    // of 64 bytes, for blocks; the first one is never used
  seed = 3,     // two words
  epoch = 5,    // odd while a writer empties the table, new for each writer
};

// A slot: 24 bits of the hash, 40 bits of the block's first unit; 0: free.
inline constexpr unsigned kOffsetBits = 40;
inline constexpr std::uint64_t kOffsetMask = (std::uint64_t{1} << kOffsetBits) - 1;

// A block: version (odd while it is written), length of the entry, entry.
inline constexpr std::size_t kBlockHead = 16;

inline std::uint64_t load(const std::uint8_t* at) {
  return __atomic_load_n(reinterpret_cast<const std::uint64_t*>(at), __ATOMIC_RELAXED);
}
inline std::uint64_t load_acquire(const std::uint8_t* at) {
  return __atomic_load_n(reinterpret_cast<const std::uint64_t*>(at), __ATOMIC_ACQUIRE);
}
inline void store(std::uint8_t* at, std::uint64_t value) {
  __atomic_store_n(reinterpret_cast<std::uint64_t*>(at), value, __ATOMIC_RELAXED);
}
inline void store_release(std::uint8_t* at, std::uint64_t value) {
  __atomic_store_n(reinterpret_cast<std::uint64_t*>(at), value, __ATOMIC_RELEASE);
}

struct Place {
  std::uint64_t tag = 0;
  std::array<std::uint64_t, 2> buckets{};
};

inline Place place_of(const SipKey& key, std::string_view domain, std::uint64_t buckets) {
  const auto hash = siphash(key, as_bytes(domain));
  // Tag and buckets are different bits of the hash: at most 2^32 buckets overlap in 8 bits only.
  return {hash >> kOffsetBits, {hash & (buckets - 1), (hash >> 20) & (buckets - 1)}};
}

inline std::size_t blocks_at(std::uint64_t buckets) {
  return kHeaderBytes + buckets * kSlots * 8;
}

}  // namespace postern::policy::table
