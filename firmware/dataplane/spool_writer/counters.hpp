// What the spool writer counts.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::dataplane {

#define POSTERN_SPOOL_WRITER_COUNTERS(X)                                      \
  X(orders, "orders taken from the packet cores")                             \
  X(bytes_written, "bytes made durable")                                      \
  X(bytes_read, "bytes read back")                                            \
  X(writes, "write calls: orders that touch each other go together")          \
  X(syncs, "times a file was made durable")                                   \
  X(sync_nanoseconds, "time from a group's first write to its being durable") \
  X(longest_sync_nanoseconds, "the longest such time")                        \
  X(segments_created, "segment files created")                                \
  X(segments_removed, "segment files removed")                                \
  X(no_space, "orders answered: no space")                                    \
  X(failed, "orders answered: failed")                                        \
  X(repeated_one_by_one, "groups that were written again order by order")     \
  X(rests, "times it slept for want of work")
POSTERN_DEFINE_COUNTERS(SpoolWriterCounters, POSTERN_SPOOL_WRITER_COUNTERS);

}  // namespace postern::dataplane
