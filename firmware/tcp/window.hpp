// The window we offer: RFC 9293 §3.8.6. It never shrinks, grows in steps worth a segment, and promises no
// more than the connection's limit and a share of the memory that is left.
#pragma once

#include <algorithm>

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

// The right edge we could offer now.
inline SeqNumber possible_edge(const Core& core, const Connection& c) {
  const std::uint32_t unread = core.unread(c);
  const std::uint64_t memory = std::uint64_t{core.chunks.available()} * ChunkPool::kChunkBytes / 8;
  const std::uint64_t free = c.receive_limit > unread ? c.receive_limit - unread : 0u;
  return c.receive_next +
         static_cast<std::uint32_t>(std::min({free, memory, std::uint64_t{65535} << c.receive_shift}));
}

// RFC 9293 §3.8.6.2.2: the step below which a larger window is not worth telling.
inline std::uint32_t window_step(const Connection& c) {
  return std::min<std::uint32_t>(c.receive_limit / 2, c.mss);
}

// Moves the edge where that is worth it and gives the field for the header. What the shift rounds away is
// added, not dropped: the edge never moves left.
inline std::uint16_t window_field(const Core& core, Connection& c) {
  const SeqNumber possible = possible_edge(core, c);
  if (possible > c.receive_edge && possible.since(c.receive_edge) >= window_step(c))
    c.receive_edge = possible;
  if (c.receive_edge <= c.receive_next) return 0;
  const std::uint32_t window = c.receive_edge.since(c.receive_next);
  const std::uint32_t field = std::min((window + (1u << c.receive_shift) - 1) >> c.receive_shift, 65535u);
  c.receive_edge = later(c.receive_edge, c.receive_next + (field << c.receive_shift));
  return static_cast<std::uint16_t>(field);
}

}  // namespace postern::tcp
