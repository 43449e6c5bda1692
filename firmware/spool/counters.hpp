// What firmware/spool counts: every drop and every refusal has a name.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::spool {

#define POSTERN_SPOOL_COUNTERS(X)                                                       \
  X(begun, "messages begun")                                                            \
  X(refused_full, "messages refused: as many in the queue as may be")                   \
  X(refused_no_space, "messages refused: the disk is full")                             \
  X(refused_envelope, "messages refused: more recipients than one message may have")    \
  X(stored, "messages made durable")                                                    \
  X(stored_bytes, "body bytes made durable")                                            \
  X(not_stored_no_space, "messages not stored: no space on the disk")                   \
  X(not_stored_failed, "messages not stored: a disk error")                             \
  X(abandoned, "messages given up by their session before they were stored")            \
  X(append_short, "appends that took less: out of chunk memory")                        \
  X(idle_flushed, "half-filled chunks of idle messages written early for their memory") \
  X(evicted, "cached chunks given up for others")                                       \
  X(read_back, "body records read back from disk")                                      \
  X(read_failed, "body records that could not be read back or were damaged")            \
  X(set_aside, "messages set aside: their body cannot be read")                         \
  X(attempts, "deliveries started")                                                     \
  X(delivered, "recipients delivered")                                                  \
  X(deferred, "recipients deferred")                                                    \
  X(failed, "recipients failed for good")                                               \
  X(released, "attempts that came to no verdict")                                       \
  X(expired, "messages handed out with their queue life over")                          \
  X(done, "messages with nothing left to do")                                           \
  X(discarded, "messages dropped by a person")                                          \
  X(orders, "orders given to the disk")                                                 \
  X(bytes_written, "bytes ordered to be written")                                       \
  X(log_records, "attempt, state and done records written")                             \
  X(writes_no_space, "writes refused: no space")                                        \
  X(writes_failed, "writes failed")                                                     \
  X(answers_unknown, "answers to no order")                                             \
  X(segments_begun, "segment files begun")                                              \
  X(segments_removed, "segment files removed")                                          \
  X(removes_failed, "segment files that could not be removed")                          \
  X(copied_forward, "messages copied out of an old segment")                            \
  X(copies_given_up, "copies given up: the message was settled or the disk refused")    \
  X(tombs_forwarded, "done records repeated so that their segment can go")              \
  X(recovered, "messages found whole at start")                                         \
  X(recovered_damaged, "messages found damaged at start, set aside")                    \
  X(recovered_incomplete, "messages at start that were never committed, ignored")       \
  X(recovered_doubtful, "messages under way at the crash: may be delivered twice")      \
  X(damaged_regions, "regions of segment files at start that are no whole record")      \
  X(damaged_bytes, "bytes in them")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_SPOOL_COUNTERS);

}  // namespace postern::spool
