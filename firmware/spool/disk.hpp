// What a spool asks of the disk, and what the disk answers: the only words between them.
//
// The dataplane's spool writer carries orders out (io_uring, fsync in groups); a test's in-memory disk does
// the same, losing what was not synced when told to. Buffers in an order stay untouched until it is answered.
#pragma once

#include <cstdint>

namespace postern::spool {

// Number of a segment file in a shard's spool directory; grows, never used twice.
using SegmentNumber = std::uint64_t;

struct DiskOrder {
  enum class Kind : std::uint8_t {
    write,   // `length` bytes of `data` to `offset`; answered when durable (fdatasync done, in groups)
    read,    // `length` bytes from `offset` into `data`
    remove,  // the segment file goes away
  } kind = Kind::write;
  std::uint64_t ticket = 0;
  SegmentNumber segment = 0;
  std::uint64_t offset = 0;
  std::uint8_t* data = nullptr;
  std::uint32_t length = 0;
};

struct DiskAnswer {
  enum class Status : std::uint8_t { ok, no_space, failed } status = Status::ok;
  std::uint64_t ticket = 0;
};

}  // namespace postern::spool
