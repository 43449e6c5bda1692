#include "firmware/tcp/send_queue.hpp"

#include <algorithm>
#include <cstring>

namespace postern::tcp {

namespace {
constexpr std::uint32_t kChunk = ChunkPool::kChunkBytes;
}

std::size_t SendQueue::append(ChunkPool& pool, Bytes data) {
  std::size_t done = 0;
  while (done < data.size()) {
    const std::uint32_t end = front_ + size_;
    if (tail_.chunk == ChunkPool::kNone || end - tail_.position == kChunk) {
      const std::uint32_t chunk = pool.take_politely();
      if (chunk == ChunkPool::kNone) return done;
      if (tail_.chunk != ChunkPool::kNone) pool.next(tail_.chunk) = chunk;
      tail_ = {chunk, end};
      if (head_.chunk == ChunkPool::kNone) head_ = tail_;
    }
    const std::uint32_t used = end - tail_.position;
    const std::size_t count = std::min<std::size_t>(kChunk - used, data.size() - done);
    std::memcpy(pool.data(tail_.chunk) + used, data.data() + done, count);
    size_ += static_cast<std::uint32_t>(count);
    done += count;
  }
  return done;
}

void SendQueue::pop(ChunkPool& pool, std::uint32_t count) {
  front_ += count;
  size_ -= count;
  while (head_.chunk != ChunkPool::kNone && (size_ == 0 || front_ - head_.position >= kChunk)) {
    const std::uint32_t chunk = head_.chunk;
    if (cursor_.chunk == chunk) cursor_ = {};
    head_ = {pool.next(chunk), head_.position + kChunk};
    pool.give(chunk);
  }
  if (head_.chunk == ChunkPool::kNone) tail_ = {};
}

SendQueue::Place SendQueue::seek(const ChunkPool& pool, std::uint32_t position) const {
  const bool use_cursor = cursor_.chunk != ChunkPool::kNone && position - front_ >= cursor_.position - front_;
  Place place = use_cursor && cursor_.position - front_ < size_ ? cursor_ : head_;
  while (position - place.position >= kChunk) place = {pool.next(place.chunk), place.position + kChunk};
  return place;
}

void SendQueue::copy(const ChunkPool& pool, std::uint32_t offset, MutableBytes out) {
  if (out.empty()) return;
  std::uint32_t position = front_ + offset;
  Place place = seek(pool, position);
  for (std::size_t done = 0;;) {
    const std::uint32_t skip = position - place.position;
    const std::size_t count = std::min<std::size_t>(kChunk - skip, out.size() - done);
    std::memcpy(out.data() + done, pool.data(place.chunk) + skip, count);
    done += count;
    position += static_cast<std::uint32_t>(count);
    if (done == out.size()) break;
    place = {pool.next(place.chunk), place.position + kChunk};
  }
  cursor_ = place;
}

void SendQueue::clear(ChunkPool& pool) {
  pop(pool, size_);
}

}  // namespace postern::tcp
