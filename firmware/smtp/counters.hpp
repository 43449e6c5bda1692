// What firmware/smtp counts: every drop and every refusal has a name.
#pragma once

#include "platform/base/counters.hpp"

namespace postern::smtp {

// clang-format off
#define POSTERN_SMTP_COUNTERS(X)                                                                    \
  X(sessions, "inbound sessions begun")                                                             \
  X(tls_sessions, "inbound sessions that came under TLS")                                           \
  X(commands, "commands read")                                                                      \
  X(messages_accepted, "messages stored and answered with 250")                                     \
  X(message_bytes_accepted, "bytes of accepted messages")                                           \
  X(recipients_accepted, "recipients answered with 250")                                            \
  X(recipients_repeated, "recipients named twice in one transaction and folded into one")           \
  X(bdat_chunks, "BDAT chunks received whole")                                                      \
  X(refused_unknown_command, "commands nobody knows: 500")                                          \
  X(refused_line_too_long, "command lines over the limit: 500")                                     \
  X(refused_line_end, "command lines with a bare CR or LF: 500")                                    \
  X(refused_nul, "command lines with NUL: 500")                                                     \
  X(refused_not_implemented, "commands we know and do not offer: 502")                              \
  X(refused_sequence, "commands out of order: 503")                                                 \
  X(refused_no_recipients, "DATA or BDAT without a valid recipient: 554")                           \
  X(refused_argument, "malformed arguments: 501")                                                   \
  X(refused_sender_syntax, "malformed sender addresses: 501")                                       \
  X(refused_recipient_syntax, "malformed recipient addresses: 501")                                 \
  X(refused_needs_smtputf8, "addresses outside ASCII without SMTPUTF8: 553")                        \
  X(refused_parameter, "malformed or repeated parameters: 501")                                     \
  X(refused_unknown_parameter, "parameters nobody knows: 555")                                      \
  X(refused_body_type, "BODY values we do not offer: 504")                                          \
  X(refused_tls_required, "commands that have to wait for STARTTLS: 530")                           \
  X(refused_tls_repeated, "STARTTLS under TLS: 503")                                                \
  X(refused_tls_injection, "bytes pipelined behind STARTTLS: session closed")                       \
  X(logins, "logins that were right")                                                               \
  X(refused_login_clear, "logins without TLS: 538")                                                 \
  X(refused_login_syntax, "logins that could not be read: 501, 504")                                \
  X(refused_login, "wrong users or passwords: 535")                                                 \
  X(deferred_login, "logins that could not be checked: 454")                                        \
  X(closed_logins, "sessions closed after too many wrong logins: 421")                              \
  X(refused_login_required, "mail without login where one is needed: 530")                          \
  X(refused_foreign_sender, "senders of domains we do not serve, after a login: 553")               \
  X(relayed_recipients, "recipients elsewhere, taken from who may send there")                      \
  X(refused_relay, "recipients in domains we do not serve: 550")                                    \
  X(refused_literal, "recipients at an address literal: 550")                                       \
  X(refused_unknown_recipient, "unknown recipients: 550")                                           \
  X(deferred_recipient, "recipients that could not be looked up: 451")                              \
  X(refused_too_many_recipients, "recipients over the limit: 452")                                  \
  X(refused_declared_size, "messages declared too big by SIZE: 552")                                \
  X(refused_message_size, "messages that were too big: 552")                                        \
  X(refused_header_size, "messages with too big a header section: 552")                             \
  X(refused_text_line, "messages with a line over the limit: 554")                                  \
  X(refused_bare_cr, "messages with a bare CR: 550, session closed")                                \
  X(refused_bare_lf, "messages with a bare LF: 550, session closed")                                \
  X(refused_text_nul, "messages with NUL: 550, session closed")                                     \
  X(refused_hops, "messages that go in circles: 554")                                               \
  X(refused_chunk_size, "BDAT chunks too big to step over: session closed")                         \
  X(deferred_no_space, "messages without room in the spool: 452")                                   \
  X(deferred_store, "messages the spool could not store: 451")                                      \
  X(refused_no_tls_report, "messages to the address of TLS reports that are none: 550")              \
  X(closed_messages, "sessions closed after too many messages: 421")                                \
  X(closed_commands, "sessions closed after too many commands: 421")                                \
  X(closed_errors, "sessions closed after too many errors: 421")                                    \
  X(closed_timeout, "sessions closed after a silence: 421")                                         \
  X(closed_slow_message, "of those: in the middle of a message")                                    \
  X(closed_shutdown, "sessions closed because we stop: 421")                                        \
  X(closed_early_talk, "clients that spoke before the greeting: 554")                               \
  X(closed_foreign_protocol, "clients that speak HTTP or the like: 554")                            \
  X(messages_abandoned, "messages broken off before their end")                                     \
  X(client_sessions, "outbound sessions begun")                                                     \
  X(client_tls_sessions, "outbound sessions that came under TLS")                                   \
  X(client_messages, "messages handed over, at least to one recipient")                             \
  X(client_delivered, "recipients the next server took")                                            \
  X(client_deferred, "recipients put off for later")                                                \
  X(client_refused, "recipients the next server refused for good")                                  \
  X(client_probes, "recipients asked about")                                                        \
  X(client_too_big, "messages over the next server's SIZE")                                         \
  X(client_no_8bitmime, "8-bit messages to a server without 8BITMIME")                              \
  X(client_no_smtputf8, "SMTPUTF8 messages to a server without it")                                 \
  X(client_no_requiretls, "REQUIRETLS messages to a server without it")                             \
  X(client_unsendable_address, "addresses that cannot stand in a command")                          \
  X(client_mended_line_ends, "messages whose bare CR, bare LF or NUL was mended on the way out")    \
  X(client_greeting_refused, "servers that refused us at the greeting")                             \
  X(client_hello_refused, "servers that refused EHLO and HELO")                                     \
  X(client_tls_missing, "servers without the STARTTLS we insist on")                                \
  X(client_tls_injection, "servers that sent bytes behind the answer to STARTTLS")                  \
  X(client_bad_reply, "servers whose replies are malformed, endless or unasked")                    \
  X(client_unexpected_reply, "servers whose reply has a code that cannot be")                       \
  X(client_421, "servers that said 421")                                                            \
  X(client_timeouts, "outbound sessions ended by silence")                                          \
  X(client_lost, "outbound sessions whose connection broke")
// clang-format on
POSTERN_DEFINE_COUNTERS(Counters, POSTERN_SMTP_COUNTERS);

}  // namespace postern::smtp
