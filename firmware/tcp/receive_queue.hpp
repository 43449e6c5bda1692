// What arrived and the application has not taken: in-order bytes at the front, and pieces that arrived ahead
// of their turn, each at its offset in a list of chunks. Chunks exist only where bytes are, so a byte far
// ahead costs one chunk and not a window.
//
// The pieces out of order are kept as a sorted list of at most kMostRanges ranges in one more chunk (a peer
// that sends a storm of tiny pieces meets the cap, not our memory). An empty queue holds no chunk.
#pragma once

#include <cstdint>
#include <span>

#include "firmware/tcp/chunk_pool.hpp"
#include "firmware/tcp/sequence_number.hpp"
#include "platform/base/bytes.hpp"

namespace postern::tcp {

struct SeqRange {
  SeqNumber start;
  SeqNumber end;  // one past the last
};

class ReceiveQueue {
 public:
  static constexpr std::uint32_t kMostRanges = 128;

  // In-order bytes held.
  std::uint32_t ready() const { return ready_; }
  // The first of them, as many as lie in one piece.
  Bytes front(const ChunkPool& pool) const;
  void consume(ChunkPool& pool, std::uint32_t count);

  // Bytes that were handed out without ever having been in the queue.
  void pass(std::uint32_t count) { front_ += count; }
  // Appends in-order bytes. False, with nothing changed, where there is no memory.
  bool append(ChunkPool& pool, Bytes data);

  // Keeps `data`, which begin at `start`; the next byte in order is `next`. False where memory or the number
  // of ranges does not allow it.
  bool keep(ChunkPool& pool, SeqNumber next, SeqNumber start, Bytes data, std::uint32_t most_ranges);
  // The next byte in order is now `next`: pieces that have come into their turn become ready. Returns the new
  // next.
  SeqNumber join(ChunkPool& pool, SeqNumber next);
  // Ranges held out of order, by sequence.
  std::span<const SeqRange> ranges(const ChunkPool& pool) const;
  std::uint32_t range_count() const { return range_count_; }
  // The ranges in the order in which something last arrived for them, at most out.size() (RFC 2018 §4).
  // Returns how many.
  std::size_t recent_ranges(const ChunkPool& pool, std::span<SeqRange> out) const;
  // The part of `range` that is held out of order already; empty where there is none.
  SeqRange held(const ChunkPool& pool, SeqRange range) const;

  void clear(ChunkPool& pool);

 private:
  bool put(ChunkPool& pool, std::uint64_t position, Bytes data, bool politely);
  std::uint32_t chunk_for(ChunkPool& pool, std::uint32_t number, bool politely);
  void drop_before(ChunkPool& pool, std::uint32_t number);
  // What the chunk of the ranges holds.
  struct RangePage {
    static constexpr std::uint32_t kRecent = 4;
    SeqRange ranges[kMostRanges];
    SeqNumber recent[kRecent];  // where something arrived, the youngest first
    std::uint32_t recent_count;
  };
  static_assert(sizeof(RangePage) <= ChunkPool::kChunkBytes);
  RangePage& page(ChunkPool& pool) const { return *reinterpret_cast<RangePage*>(pool.data(ranges_)); }
  const RangePage& page(const ChunkPool& pool) const {
    return *reinterpret_cast<const RangePage*>(pool.data(ranges_));
  }
  SeqRange* range_array(ChunkPool& pool) const { return page(pool).ranges; }
  static void note_recent(RangePage& page, SeqRange range);
  bool has_place(const ChunkPool& pool, SeqRange range, std::uint32_t most_ranges) const;
  bool add_range(ChunkPool& pool, SeqRange range, std::uint32_t most_ranges);

  std::uint64_t front_ = 0;  // stream position of the first byte held
  std::uint32_t ready_ = 0;
  std::uint32_t head_ = ChunkPool::kNone;  // chunks in the order of their number (the tag) in the stream
  std::uint32_t hint_ =
      ChunkPool::kNone;  // the chunk used last: the next one is usually it or just behind it
  std::uint32_t ranges_ = ChunkPool::kNone;
  std::uint32_t range_count_ = 0;
};

}  // namespace postern::tcp
