// The memory for message bytes: one block taken at start, cut into pieces of four sizes.
//
// A frame is as large as one body record with its header; it is used whole, in quarters, eighths or
// thirty-seconds, so that a small message does not pin a whole one. Taking and giving back is O(1), never
// malloc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace postern::spool {

using ChunkIndex = std::uint32_t;
inline constexpr ChunkIndex kNoChunk = ~ChunkIndex{0};

class ChunkPool {
 public:
  static constexpr std::uint32_t kUnits = 32;  // indices per frame

  ChunkPool(std::size_t frame_bytes, std::uint64_t memory);

  // A piece of at least `bytes`, or kNoChunk. More than largest() cannot be had.
  ChunkIndex take(std::size_t bytes);
  void give_back(ChunkIndex chunk);

  std::uint8_t* data(ChunkIndex chunk) { return memory_.get() + std::size_t{chunk} * unit_bytes_; }
  std::size_t capacity(ChunkIndex chunk) const { return piece_bytes(frames_[chunk / kUnits].size); }
  std::size_t largest() const { return unit_bytes_ * kUnits; }
  std::size_t smallest() const { return piece_bytes(kSizes - 1 - skipped_); }
  std::uint64_t used_bytes() const { return used_; }
  std::size_t indices() const { return frames_.size() * kUnits; }

 private:
  static constexpr std::size_t kSizes = 4;
  static constexpr std::array<std::uint8_t, kSizes> kShift = {0, 2, 3,
                                                              5};  // pieces per frame, as a power of two
  static constexpr std::uint32_t kNoFrame = ~std::uint32_t{0};
  static constexpr std::size_t kPieceLeast = 512;

  struct Frame {
    std::uint8_t size = 0;            // index into kShift
    std::uint32_t free = 0;           // a bit per piece
    std::uint32_t before = kNoFrame;  // in the list of frames of this size with a free piece
    std::uint32_t after = kNoFrame;
  };

  std::size_t piece_bytes(std::size_t size) const { return largest() >> kShift[size]; }
  std::uint32_t all_free(std::size_t size) const {
    return static_cast<std::uint32_t>((std::uint64_t{1} << (1u << kShift[size])) - 1);
  }
  ChunkIndex take_of(std::size_t size);
  void link(std::uint32_t frame);
  void unlink(std::uint32_t frame);

  std::size_t unit_bytes_;
  std::size_t skipped_ = 0;  // sizes not in use because they would be too small
  std::unique_ptr<std::uint8_t[]> memory_;
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> free_frames_;
  std::array<std::uint32_t, kSizes> partial_{kNoFrame, kNoFrame, kNoFrame, kNoFrame};
  std::uint64_t used_ = 0;
};

}  // namespace postern::spool
