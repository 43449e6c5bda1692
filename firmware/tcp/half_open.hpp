// A peer's SYN that was answered and waits for the third packet: a record of its own, a fraction of a
// connection.
#pragma once

#include <cstdint>

#include "firmware/tcp/connection.hpp"
#include "firmware/tcp/handshake.hpp"

namespace postern::tcp {

struct HalfOpen {
  OwnedTimer timer;
  Handshake shake;
  std::uint32_t table_hash = 0;
  std::uint8_t repeats = 0;  // SYN+ACKs sent again because their time was over
  std::uint8_t answers = 0;  // to what the peer, or who speaks in its name, sent meanwhile
  Instant answered_at{};
};

}  // namespace postern::tcp
