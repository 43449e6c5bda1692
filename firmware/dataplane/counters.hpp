// What a packet core's loop counts about itself.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::dataplane {

#define POSTERN_DATAPLANE_COUNTERS(X)                                           \
  X(polls, "turns of the poll loop")                                            \
  X(polls_idle, "turns with nothing to do")                                     \
  X(sleeps, "times the core slept because it was idle")                         \
  X(slept_ns, "nanoseconds slept")                                              \
  X(busy_ns, "nanoseconds in turns that had work")                              \
  X(longest_turn_ns, "longest turn of the poll loop so far, in nanoseconds")    \
  X(disk_orders, "orders given to the spool writer")                            \
  X(disk_orders_waited, "times an order had to wait because the ring was full") \
  X(outcomes_lost, "outcomes not told because the ring was full")               \
  X(exceptions_lost, "frames for the kernel dropped because the ring was full") \
  X(shared_lost, "frames for all cores that one core's ring had no room for")   \
  X(arena_used, "bytes of the core's and the spool's arenas in use")             \
  X(queue_messages, "messages in the queue")                                    \
  X(generation, "generation of the settings this core runs")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_DATAPLANE_COUNTERS);

}  // namespace postern::dataplane
