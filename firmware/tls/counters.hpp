// What firmware/tls counts: every drop and every refusal has a name.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::tls {

#define POSTERN_TLS_COUNTERS(X)                                                                \
  X(server_sessions, "sessions opened for peers that connect to us")                           \
  X(client_sessions, "sessions opened to servers we connect to")                               \
  X(server_handshakes_full, "server handshakes completed with a key exchange and a signature") \
  X(server_handshakes_resumed, "server handshakes completed from a ticket")                    \
  X(client_handshakes, "client handshakes completed")                                          \
  X(tls12_handshakes, "completed handshakes that chose TLS 1.2")                               \
  X(tls13_handshakes, "completed handshakes that chose TLS 1.3")                               \
  X(ecdsa_chosen, "server handshakes begun with an ECDSA certificate")                         \
  X(rsa_chosen, "server handshakes begun with an RSA certificate")                             \
  X(default_certificate, "server handshakes begun with the default certificate")               \
  X(failed_not_tls, "refused: the first bytes are no TLS record")                              \
  X(failed_client_hello, "refused: malformed or oversized ClientHello")                        \
  X(failed_version, "refused: no common TLS version")                                          \
  X(failed_no_common_suite, "refused: no common cipher suite, group or signature algorithm")   \
  X(failed_certificate, "refused: the server's certificate does not meet the demand")          \
  X(client_certificates, "certificates that clients sent because we asked")                    \
  X(failed_alert_received, "failed: the peer sent a fatal alert")                              \
  X(failed_bad_record, "failed: a record did not decrypt")                                     \
  X(failed_protocol, "failed: any other violation of the protocol")                            \
  X(failed_arena_full, "failed: the core's arena was full in the middle of a session")         \
  X(refused_arena_full, "sessions not opened because the core's arena is nearly full")         \
  X(alerts_sent, "fatal alerts sent")                                                          \
  X(alerts_received, "fatal alerts received")                                                  \
  X(closed_by_peer, "sessions the peer ended with close_notify")                               \
  X(tickets_sealed, "session tickets issued")                                                  \
  X(tickets_opened, "session tickets accepted")                                                \
  X(tickets_unknown_key, "session tickets refused: sealed with a key we do not have")          \
  X(tickets_expired, "session tickets refused: older than the lifetime")                       \
  X(tickets_refused, "session tickets refused: forged, or sealed for another server name")     \
  X(cipher_bytes_in, "bytes of TLS records taken in")                                          \
  X(cipher_bytes_out, "bytes of TLS records given out")                                        \
  X(plain_bytes_in, "bytes decrypted")                                                         \
  X(plain_bytes_out, "bytes encrypted")
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_TLS_COUNTERS);

}  // namespace postern::tls
