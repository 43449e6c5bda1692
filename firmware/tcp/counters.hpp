// What firmware/tcp counts: every drop and every refusal has a name.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::tcp {

#define POSTERN_TCP_COUNTERS(X)                                                                              \
  X(segments_in, "segments received")                                                                        \
  X(segments_out, "segments sent")                                                                           \
  X(bytes_in, "bytes of payload received in order")                                                          \
  X(bytes_out, "bytes of payload sent, repetitions included")                                                \
  X(malformed, "segments whose header does not fit them")                                                    \
  X(bad_checksum, "segments with a wrong checksum")                                                          \
  X(no_such_connection, "segments for no connection and no listener")                                        \
  X(syns_in, "connection requests answered")                                                                 \
  X(syn_nonsense, "connection requests with FIN, or from their own address and port")                        \
  X(syn_acks_repeated, "SYN+ACKs sent again")                                                                \
  X(half_open_expired, "handshakes the peer never completed")                                                \
  X(half_open_prefix_full, "connection requests answered with a cookie because their network has its share") \
  X(cookies_sent, "connection requests answered with a cookie")                                              \
  X(cookies_accepted, "connections opened by a cookie")                                                      \
  X(cookies_wrong, "acknowledgments that carry no valid cookie")                                             \
  X(connects, "connections we began to open")                                                                \
  X(established, "connections established, both ways of opening")                                            \
  X(no_connection_free, "connections refused because all records are in use")                                \
  X(no_port_free, "connections not opened because no local port was free")                                   \
  X(prefix_full, "connections refused because the peer's network has its share")                             \
  X(resets_in, "connections the peer reset")                                                                 \
  X(resets_out, "resets sent")                                                                               \
  X(replies_full, "resets, SYN+ACKs and other answers dropped because too many were waiting")                \
  X(challenges, "challenge acknowledgments asked for")                                                       \
  X(challenges_withheld, "challenge acknowledgments not sent because of their limit")                        \
  X(useless_data_withheld, "answers to data outside the window not sent because of their limit")             \
  X(out_of_window, "segments outside the receive window")                                                    \
  X(paws_rejected, "segments with an old timestamp")                                                         \
  X(timestamp_missing, "segments without the timestamp agreed on, taken all the same")                       \
  X(ack_out_of_range, "acknowledgments of what was never sent, or very old")                                 \
  X(sack_nonsense, "SACK blocks outside what is in flight")                                                  \
  X(urgent_ignored, "segments with URG, whose pointer is ignored")                                           \
  X(out_of_order, "segments ahead of their turn")                                                            \
  X(out_of_order_refused, "segments ahead of their turn not kept, for lack of ranges or memory")             \
  X(no_buffer, "segments in order dropped for lack of memory")                                               \
  X(unread_dropped, "closed connections whose last data nobody read")                                        \
  X(delayed_acks, "acknowledgments sent because their time was over")                                        \
  X(paced, "times a connection had to wait to spread its segments over the round trip")                      \
  X(ecn_agreed, "connections on which both ends use ECN")                                                    \
  X(ecn_marked, "data segments that arrived with a congestion mark")                                         \
  X(ecn_reductions, "windows cut because the path marked")                                                   \
  X(spurious_by_echo, "reductions taken back: the first sending was acknowledged, by its timestamp")         \
  X(spurious_by_duplicates, "reductions taken back: all that was sent again arrived twice")                  \
  X(spurious_timeouts, "time-outs taken back: data that were never sent again arrived")                      \
  X(retransmitted, "segments sent again")                                                                    \
  X(timeouts, "retransmission time-outs")                                                                    \
  X(recoveries, "losses found by SACK or duplicate acknowledgments")                                         \
  X(tail_probes, "tail loss probes sent")                                                                    \
  X(tail_losses, "losses repaired by a tail loss probe")                                                     \
  X(duplicates_reported, "segments the peer says it received twice")                                         \
  X(window_probes, "probes of a closed window")                                                              \
  X(keepalives_out, "keepalives sent")                                                                       \
  X(keepalive_expired, "connections ended because keepalives were not answered")                             \
  X(timed_out, "connections ended because nothing was acknowledged for too long")                            \
  X(fin_wait_expired, "connections ended because the peer never closed its side")                            \
  X(fin_wait_crowded, "connections in FIN-WAIT-2 with less patience because there are many")                 \
  X(zero_window_expired, "connections ended because the peer kept its window closed")                        \
  X(user_timeouts_heard, "user time-outs announced by peers")                                                \
  X(time_wait_recycled, "TIME-WAIT records dropped early for lack of room")                                  \
  X(time_wait_reused, "connections reopened out of TIME-WAIT")                                               \
  X(time_wait_reset_ignored, "resets ignored in TIME-WAIT")                                                  \
  X(path_mtu_probes, "segments sent larger than the path is known to take")                                  \
  X(path_mtu_raised, "segment sizes raised because a probe arrived")                                         \
  X(path_mtu_probes_lost, "such segments that were lost, which is no sign of congestion")                    \
  X(windows_outlived, "congestion windows halved because they were not used for long")                       \
  X(path_mtu_reduced, "segment sizes reduced, by ICMP or because large segments vanish")                     \
  X(icmp_in, "ICMP errors about something in flight")                                                        \
  X(icmp_ignored, "ICMP errors about nothing in flight")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_TCP_COUNTERS);

}  // namespace postern::tcp
