// What one shard counts about its sessions and deliveries; the engines count their own.
#pragma once

#include "firmware/net/counters.hpp"
#include "firmware/smtp/counters.hpp"
#include "firmware/spool/counters.hpp"
#include "firmware/tcp/counters.hpp"
#include "firmware/tls/counters.hpp"
#include "platform/base/counters.hpp"

namespace postern::shard {

#define POSTERN_SHARD_COUNTERS(X)                                                                  \
  X(sessions_in, "inbound sessions begun")                                                         \
  X(sessions_in_open, "inbound sessions open now")                                                 \
  X(sessions_out, "sessions to other mail servers begun")                                          \
  X(sessions_out_open, "sessions to other mail servers open now")                                  \
  X(messages_accepted, "messages durable and answered with 250")                                   \
  X(bytes_accepted, "bytes of messages accepted")                                                  \
  X(messages_delivered, "parts of messages the next server took for at least one recipient")       \
  X(messages_deferred, "delivery attempts put off")                                                \
  X(messages_bounced, "messages given back to their sender")                                       \
  X(bounces_dropped, "bounces not made: null sender, or the sender did not want one")              \
  X(messages_unreadable, "messages that could not be read back from the disk")                     \
  X(stored_unanswered, "messages durable whose peer was gone before 250 could be sent")            \
  X(no_space, "messages refused for want of disk or queue room (452)")                             \
  X(store_failed, "messages refused for a disk error (451)")                                       \
  X(reset_in_data, "peers that reset or vanished in the middle of a message")                      \
  X(closed_in_data, "peers that closed in the middle of a message")                                \
  X(reset_outside_data, "peers that reset outside a message")                                      \
  X(idle_timeouts, "inbound sessions ended because the peer was silent or too slow")               \
  X(never_reads, "sessions ended because the peer did not read our replies")                       \
  X(handshakes_failed_in, "inbound TLS handshakes that failed")                                    \
  X(handshakes_failed_out, "TLS handshakes with other mail servers that failed or proved nothing") \
  X(recipients_asked, "recipients the office's server was asked about")                            \
  X(recipients_remembered, "recipient checks answered from memory")                                \
  X(office_connect_failed, "connections to an office server that could not be opened or broke")    \
  X(destinations_failed, "sessions to servers on the internet that could not be opened or broke")  \
  X(fell_back_to_clear, "servers whose TLS failed where nothing was insisted on: without it")      \
  X(policy_timeouts, "domains nothing could be found out about in time")                           \
  X(parts_spilled, "parts put back into the queue because their destination has enough to do")     \
  X(delays_told, "senders told that it takes longer")                                              \
  X(relays_told, "senders told that their mail was handed on")                                     \
  X(certificate_logins, "sessions whose client certificate counted as a login")                    \
  X(certificates_untrusted, "client certificates without weight: no authority of ours vouches")    \
  X(certificates_expired, "client certificates without weight: expired, or not valid yet")         \
  X(certificates_unfit, "client certificates without weight: not for clients, or broken")          \
  X(certificates_nobody, "client certificates without weight: of somebody who may not send")       \
  X(logins_wrong, "wrong logins")                                                                  \
  X(logins_blocked, "logins not looked at: too many wrong ones from that network")                 \
  X(logins_full, "logins not looked at: too many are being checked")                               \
  X(logins_unanswered, "logins whose check did not come back in time")                             \
  X(messages_injected, "messages of our own taken into the queue (TLS reports)")                   \
  X(tls_reports_taken, "TLS reports that came by mail and were kept")                              \
  X(queue_wishes, "messages people held, released, retried, rerouted, gave back or dropped")       \
  X(signing_asked, "messages looked at for a signature")                                           \
  X(signing_failed, "messages that could not be signed and went unsigned")                         \
  X(frames_exception, "frames given to the kernel")                                                \
  X(tls_memory_refused, "sessions refused because the TLS arena was full")                         \
  X(send_blocked, "times a port had no buffer for a frame we wanted to send")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_SHARD_COUNTERS);

// Every counter of one shard, wherever the owner wants them kept (shared memory, or a test's stack).
struct CounterSet {
  net::Counters& net;
  tcp::Counters& tcp;
  tls::Counters& tls;
  smtp::Counters& smtp;
  spool::Counters& spool;
  Counters& shard;
};

}  // namespace postern::shard
