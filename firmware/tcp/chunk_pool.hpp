// The memory of all queues of an engine: fixed chunks out of one piece, handed out and taken back in constant
// time.
//
// The piece is allocated once and its pages are first touched when their chunk is first used, so memory that
// is never needed costs address space only. Who takes chunks for convenience (send queues, data out of order)
// leaves `reserve` of them alone; in-order data, which the peer may already count as delivered, may use the
// last one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>

namespace postern::tcp {

class ChunkPool {
 public:
  static constexpr std::uint32_t kChunkBytes = 4096;
  static constexpr std::uint32_t kNone = 0xffffffff;

  explicit ChunkPool(std::uint64_t memory)
      : capacity_(static_cast<std::uint32_t>(memory / kChunkBytes)),
        reserve_(std::min(std::max(capacity_ / 16, 20u), capacity_ / 2)),
        bytes_(static_cast<std::uint8_t*>(operator new (std::size_t{capacity_} * kChunkBytes, kAlignment))),
        notes_(std::make_unique_for_overwrite<Note[]>(capacity_)) {}

  // kNone where there is none left.
  std::uint32_t take() {
    std::uint32_t chunk = free_head_;
    if (chunk != kNone) {
      free_head_ = notes_[chunk].next;
    } else if (fresh_ < capacity_) {
      chunk = fresh_++;
    } else {
      return kNone;
    }
    ++taken_;
    notes_[chunk] = {kNone, 0};
    return chunk;
  }
  // Leaves the reserve alone.
  std::uint32_t take_politely() { return available() > reserve_ ? take() : kNone; }

  void give(std::uint32_t chunk) {
    notes_[chunk].next = free_head_;
    free_head_ = chunk;
    --taken_;
  }

  std::uint8_t* data(std::uint32_t chunk) { return bytes_.get() + std::size_t{chunk} * kChunkBytes; }
  const std::uint8_t* data(std::uint32_t chunk) const {
    return bytes_.get() + std::size_t{chunk} * kChunkBytes;
  }
  // The next chunk of the same queue; the holder's own to set.
  std::uint32_t& next(std::uint32_t chunk) { return notes_[chunk].next; }
  std::uint32_t next(std::uint32_t chunk) const { return notes_[chunk].next; }
  // A number the holder remembers with the chunk.
  std::uint32_t& tag(std::uint32_t chunk) { return notes_[chunk].tag; }
  std::uint32_t tag(std::uint32_t chunk) const { return notes_[chunk].tag; }

  std::uint32_t available() const { return capacity_ - taken_; }
  std::uint32_t taken() const { return taken_; }
  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t reserve() const { return reserve_; }

 private:
  static constexpr std::align_val_t kAlignment{4096};
  struct Release {
    void operator()(std::uint8_t* bytes) const { operator delete(bytes, kAlignment); }
  };
  struct Note {
    std::uint32_t next;
    std::uint32_t tag;
  };

  std::uint32_t capacity_;
  std::uint32_t reserve_;
  std::uint32_t taken_ = 0;
  std::uint32_t fresh_ = 0;  // chunks from here on were never used
  std::uint32_t free_head_ = kNone;
  std::unique_ptr<std::uint8_t[], Release> bytes_;
  std::unique_ptr<Note[]> notes_;
};

}  // namespace postern::tcp
