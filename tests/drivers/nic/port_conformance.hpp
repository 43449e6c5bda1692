// What every Port promises (drivers/nic/port.hpp), as checks that run against any implementation.
#pragma once

#include <functional>

#include "drivers/nic/port.hpp"

namespace postern::nic::test {

// What `sender` transmits arrives at `receiver`; both may be the same port (a loop). `minimum_buffers` frames
// can be allocated at the same time.
struct Link {
  Port& sender;
  Port& receiver;
  std::size_t minimum_buffers = 64;
};

// A frame of `length` bytes whose content follows from `seed`.
Frame make_frame(Port& port, std::size_t length, unsigned seed);
bool is_made_from(const Frame& frame, std::size_t length, unsigned seed);
// Receives until `wanted` frames came or nothing comes any more; calls `each` and releases.
std::size_t receive_all(Port& port, std::size_t wanted,
                        const std::function<void(const Frame&, std::size_t)>& each);

// Every check there is, one after the other.
void check_conformance(const Link& link);

void check_empty_frame(const Link& link);
void check_bytes_and_order(const Link& link);
void check_headroom(const Link& link);
void check_burst_size(const Link& link);
void check_counters(const Link& link);
void check_buffers_come_back(const Link& link);
void check_empty_pool(const Link& link);
void check_quiet(const Link& link);

}  // namespace postern::nic::test
