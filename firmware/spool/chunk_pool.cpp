// Frames cut into pieces; a frame whose last piece comes back can be cut anew.
#include "firmware/spool/chunk_pool.hpp"

#include <algorithm>
#include <bit>

namespace postern::spool {

ChunkPool::ChunkPool(std::size_t frame_bytes, std::uint64_t memory)
    : unit_bytes_((frame_bytes + kUnits * 8 - 1) / (kUnits * 8) * 8) {
  while (skipped_ + 1 < kSizes && piece_bytes(kSizes - 1 - skipped_) < kPieceLeast) ++skipped_;
  const auto frames = std::max<std::uint64_t>(memory / largest(), 1);
  memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(frames * largest());
  frames_.resize(frames);
  free_frames_.reserve(frames);
  for (auto frame = frames; frame-- > 0;) free_frames_.push_back(static_cast<std::uint32_t>(frame));
}

ChunkIndex ChunkPool::take(std::size_t bytes) {
  auto size = kSizes - 1 - skipped_;
  while (size > 0 && piece_bytes(size) < bytes) --size;
  if (piece_bytes(size) < bytes) return kNoChunk;
  if (const auto chunk = take_of(size); chunk != kNoChunk) return chunk;
  while (size-- > 0) {  // no frame left to cut: a larger piece will do
    if (partial_[size] != kNoFrame) return take_of(size);
  }
  return kNoChunk;
}

ChunkIndex ChunkPool::take_of(std::size_t size) {
  if (partial_[size] == kNoFrame) {
    if (free_frames_.empty()) return kNoChunk;
    const auto frame = free_frames_.back();
    free_frames_.pop_back();
    frames_[frame].size = static_cast<std::uint8_t>(size);
    frames_[frame].free = all_free(size);
    link(frame);
  }
  const auto index = partial_[size];
  auto& frame = frames_[index];
  const auto piece = static_cast<std::uint32_t>(std::countr_zero(frame.free));
  frame.free &= frame.free - 1;
  if (frame.free == 0) unlink(index);
  used_ += piece_bytes(size);
  return index * kUnits + piece * (kUnits >> kShift[size]);
}

void ChunkPool::give_back(ChunkIndex chunk) {
  const auto index = chunk / kUnits;
  auto& frame = frames_[index];
  const auto piece = (chunk % kUnits) / (kUnits >> kShift[frame.size]);
  used_ -= piece_bytes(frame.size);
  if (frame.free == 0) link(index);
  frame.free |= 1u << piece;
  if (frame.free != all_free(frame.size)) return;
  unlink(index);
  free_frames_.push_back(index);
}

void ChunkPool::link(std::uint32_t frame) {
  auto& first = partial_[frames_[frame].size];
  frames_[frame].before = kNoFrame;
  frames_[frame].after = first;
  if (first != kNoFrame) frames_[first].before = frame;
  first = frame;
}

void ChunkPool::unlink(std::uint32_t frame) {
  const auto& gone = frames_[frame];
  if (gone.before != kNoFrame) {
    frames_[gone.before].after = gone.after;
  } else {
    partial_[gone.size] = gone.after;
  }
  if (gone.after != kNoFrame) frames_[gone.after].before = gone.before;
}

}  // namespace postern::spool
