// One outbound SMTP session to the office's server: bytes in, bytes and steps out. RFC 5321.
//
// Delivers one message after another over one connection. Never waits and never calls: feed() consumes what
// the server said and returns what has to be done outside.
//
// What always holds: every deliver() and probe() ends in exactly one message_done with one result per
// recipient, whatever the server does; each recipient is 250, 4xx or 5xx. No text that was given in can end a
// command or the message early: addresses that cannot stand in a command are refused here, line ends are made
// whole and dots doubled. Bytes the server sent in the clear behind its answer to STARTTLS end the session.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/mail/envelope.hpp"
#include "firmware/smtp/counters.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"

namespace postern::smtp {

struct ClientSettings {
  std::string host_name = "postern.invalid";            // in EHLO
  bool use_starttls = true;                             // where the server offers it
  bool require_tls = false;                             // else the session fails with 4.7.x
  Duration greeting_timeout = std::chrono::minutes(5);  // RFC 5321 §4.5.3.2.1
  Duration command_timeout = std::chrono::minutes(5);   // RFC 5321 §4.5.3.2.2–3
  Duration data_timeout = std::chrono::minutes(3);      // RFC 5321 §4.5.3.2.5
  Duration final_timeout = std::chrono::minutes(10);    // RFC 5321 §4.5.3.2.6
};

// What became of one recipient. `code` 250: delivered. 4xx: later. 5xx: never.
struct RecipientResult {
  std::uint16_t code = 0;
  std::string status;  // "2.1.5"; made from the code where the server gave none (RFC 3463)
  std::string text;    // the server's words, one line, printable
};

enum class ClientStepKind : std::uint8_t {
  need_input,
  start_tls,     // do the handshake as client, then tls_established()
  ready,         // the session can take a message: deliver() or quit()
  need_body,     // give the next bytes of the body with body(), end with body_end()
  message_done,  // results() has one entry per recipient, in the order of `wanted`; `ready` or `close`
                 // follows
  close,         // close the connection; failure() says why where it was not orderly
};

class Client {
 public:
  Client(const ClientSettings& settings, Counters& counters, Now now);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  ClientStepKind feed(Bytes& input, Now now);

  void tls_established();
  // Starts a transaction for those recipients of the envelope that `wanted` names by index. The envelope must
  // live until message_done. `size` is the body's exact size in bytes: with BDAT it says which piece is the
  // last.
  void deliver(const mail::Envelope& envelope, std::vector<std::uint32_t> wanted, std::uint64_t size,
               Now now);
  // Asks whether one recipient is known: MAIL FROM:<>, RCPT, RSET. Ends with message_done and one result.
  void probe(const mail::Path& recipient, Now now);
  // The next bytes of the message, CRLF line ends; dot-stuffed or chunked here. Returns how many were taken.
  std::size_t body(Bytes bytes, Now now);
  void body_end(Now now);
  void quit(Now now);
  void time_out();
  // The connection broke; what was under way is answered with 4.4.2 results.
  void connection_lost(std::string_view reason);

  // Commands to send; sent(n) after they were taken.
  Bytes output() const;
  void output_sent(std::size_t count);

  const std::vector<RecipientResult>& results() const;
  // The server's last words about the whole message, for the log.
  std::string_view last_reply() const;
  std::string_view failure() const;
  // The same as a result for whoever still waits: 4.4.2 and the like, or what the server said.
  const RecipientResult& failure_result() const;
  bool idle() const;  // in `ready`, nothing under way
  // The server passes DSN requests on (RFC 3461 §5.2.2): else NOTIFY=SUCCESS is answered by us, with
  // `relayed`.
  bool offers_dsn() const;
  // After STARTTLS: RFC 8689 §2.
  bool offers_requiretls() const;
  bool offers_starttls() const;
  // What the server called itself in its answer to EHLO.
  std::string_view server_name() const;
  // The server takes no more messages over this connection (LIMITS MAILMAX, RFC 9422).
  bool exhausted() const;
  Instant deadline() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace postern::smtp
