// What the application wrote and the peer has not acknowledged: bytes in a list of chunks. An empty queue
// holds no chunk.
#pragma once

#include <cstdint>

#include "firmware/tcp/chunk_pool.hpp"
#include "platform/base/bytes.hpp"

namespace postern::tcp {

class SendQueue {
 public:
  std::uint32_t size() const { return size_; }

  // Appends as much as there is memory for; returns how much.
  std::size_t append(ChunkPool& pool, Bytes data);
  // Drops `count` bytes from the front.
  void pop(ChunkPool& pool, std::uint32_t count);
  // Copies `out.size()` bytes that begin `offset` after the front; they are all there.
  void copy(const ChunkPool& pool, std::uint32_t offset, MutableBytes out);
  void clear(ChunkPool& pool);

 private:
  // A chunk and the stream position of its first byte. Positions count modulo 2^32.
  struct Place {
    std::uint32_t chunk = ChunkPool::kNone;
    std::uint32_t position = 0;
  };
  Place seek(const ChunkPool& pool, std::uint32_t position) const;

  std::uint32_t front_ = 0;  // position of the first byte held
  std::uint32_t size_ = 0;
  Place head_;
  Place tail_;
  Place cursor_;  // where the last copy ended: the next one usually goes on there
};

}  // namespace postern::tcp
