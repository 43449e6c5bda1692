// How the snapshot table lies in memory, and the words both sides read and write in it. Only the files of
// this folder include it.
//
// A lookup waits for memory twice: for a bucket and for a block. Slots are small, so that the buckets of a
// million domains (5 MB) stay in a processor's cache and only the block has to be waited for.
//
// All shared words are read and written with atomic operations, relaxed ones between the fences of a sequence
// lock: a reader may look at a block while it is rewritten, and finds out afterwards.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "platform/base/bytes.hpp"
#include "platform/base/siphash.hpp"

namespace postern::policy::table {

inline constexpr std::uint64_t kMagic = 0x3230'4c4f'5054'5350;  // "PSTPOL02"
inline constexpr std::size_t kLine = 64;                        // of the cache
inline constexpr std::size_t kUnit = 256;                       // blocks are so many bytes or a multiple
inline constexpr std::size_t kSlots = 16;                       // per bucket: one line
inline constexpr std::size_t kHeaderBytes = kLine;

// Words of 64 bits in the header.
enum Header : std::size_t {
  magic = 0,
  buckets = 1,
  units = 2,  // for blocks; the first one is never used
  seed = 3,   // two words
  epoch = 5,  // odd while a writer empties the table, new for each writer
};

// A slot, 32 bits: the block's first unit, in as many bits as that takes, and above it bits of the hash; 0:
// free.
using Slot = std::uint32_t;
inline constexpr std::uint64_t kMostUnits = std::uint64_t{1} << 26;  // leaves 6 bits of the hash at least
inline unsigned offset_bits(std::uint64_t units) {
  return static_cast<unsigned>(std::bit_width(units));
}

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

inline Slot load_slot(const std::uint8_t* at) {
  return __atomic_load_n(reinterpret_cast<const Slot*>(at), __ATOMIC_ACQUIRE);
}
inline void store_slot(std::uint8_t* at, Slot value) {
  __atomic_store_n(reinterpret_cast<Slot*>(at), value, __ATOMIC_RELEASE);
}

struct Place {
  Slot tag = 0;  // where it stands in a slot; the offset's bits are 0
  std::array<std::uint64_t, 2> buckets{};
};

inline Place place_of(const SipKey& key, std::string_view domain, std::uint64_t buckets, unsigned offset) {
  const auto hash = siphash(key, as_bytes(domain));
  // Each half of the hash names a bucket, by its upper bits; the tag is made of the lower ones.
  const std::uint64_t low = hash & 0xffff'ffff;
  return {static_cast<Slot>(low << offset), {low * buckets >> 32, (hash >> 32) * buckets >> 32}};
}

inline std::size_t blocks_at(std::uint64_t buckets) {
  return kHeaderBytes + buckets * kSlots * sizeof(Slot);
}

}  // namespace postern::policy::table
