// One inbound SMTP session: bytes and answers in, replies and steps out. RFC 5321.
//
// The session never waits and never calls: feed() consumes input until something outside has to be done, and
// says what. Whoever drives it does that, then calls feed() again.
//
//   feed(input)   consumes from `input`; returns the next Step
//   replies()     text to send; replies_sent(n) after it was taken
//
// What always holds: a message ends only at CRLF.CRLF or with the last BDAT chunk; begin_message answered
// with `stored` is followed by exactly one of end_message and abandon_message; after `close` nothing is read.
// Replies that wait to be sent are bounded: a client that does not read is not listened to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "firmware/mail/envelope.hpp"
#include "firmware/smtp/counters.hpp"
#include "firmware/smtp/server_settings.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"

namespace postern::smtp {

// What has to happen outside before the session goes on.
enum class StepKind : std::uint8_t {
  // Everything consumed: feed more when it comes. Where input is left, an answer is owed, or the replies have
  // to be
  // sent first: keep it and feed it again then.
  need_input,
  start_tls,        // send the replies, then do the TLS handshake, then call tls_established()
  check_login,      // is `login()` right? answer with login_checked()
  check_recipient,  // is `recipient()` known? answer with recipient_checked()
  begin_message,    // envelope() is complete: prepare to store; answer with message_begun()
  body,             // `body` holds the next bytes of the message, dot-unstuffed, CRLF line ends
  end_message,      // the body is complete: answer with message_stored() once it is durable
  abandon_message,  // the transaction ended in the middle of the body: forget what was stored
  close,            // send the replies, then close the connection
};

struct Step {
  StepKind kind = StepKind::need_input;
  Bytes body;  // for `body`: a view into the input given to feed()
};

// What the driver found out about a recipient.
enum class RecipientAnswer : std::uint8_t {
  known,
  unknown,    // 550 5.1.1
  try_later,  // cannot be found out now: 451 4.3.0... (temporary)
};

// What the driver found out about a user and a password.
enum class LoginAnswer : std::uint8_t {
  right,      // 235 2.7.0
  wrong,      // 535 5.7.8
  try_later,  // cannot be found out now, or was tried too often: 454 4.7.0
};

struct Login {
  std::string user;
  std::string password;
};

// What became of a message.
enum class StoreAnswer : std::uint8_t {
  stored,    // durable: 250 2.6.0... with the spool id
  no_space,  // 452 4.3.1
  failed,    // 451 4.3.0
  unwanted,  // 550 5.7.1: its recipient takes reports about TLS only (RFC 8460)
};

// What is known about the connection at its start.
struct Peer {
  wire::IpAddress address;
  std::uint16_t port = 0;
  bool implicit_tls = false;  // port 465 (RFC 8314)
  bool may_relay = false;     // its address alone lets it send to anybody
  bool offer_auth = false;    // who logs in may send to anybody
  bool submission = false;    // and nobody else may send here (RFC 6409 §4.3)
};

// What TLS told us; texts are copied.
struct TlsFacts {
  std::string_view version;
  std::string_view cipher;
  std::string_view server_name;
  // Whom the client's certificate stands for, which counts as a login; empty: nobody.
  std::string_view user{};
  // Why the certificate that was sent counts for nothing; empty: it does, or there was none.
  std::string_view certificate_trouble{};
};

class Server {
 public:
  Server(const ServerSettings& settings, Counters& counters, const Peer& peer, Now now);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Consumes from the front of `input` (advancing it). Call again with what is left, and after each answer.
  Step feed(Bytes& input, Now now);

  void tls_established(const TlsFacts& facts);
  void login_checked(LoginAnswer answer);
  void recipient_checked(RecipientAnswer answer, std::string_view reason = {});
  void message_begun(StoreAnswer answer);
  void message_stored(StoreAnswer answer, std::string_view spool_id);

  // Whether the spool has room for another message: if not, MAIL is answered with 452 4.3.1. True at the
  // start.
  void accept_messages(bool accepting);

  // Says goodbye from our side: time-out (421 4.4.2), shutting down (421 4.3.2). A `close` step follows.
  void time_out();
  void shut_down();

  Bytes replies() const;
  void replies_sent(std::size_t count);

  // The envelope being put together; complete at begin_message.
  const mail::Envelope& envelope() const;
  // What the header of the message that just ended says about TLS; asked at end_message.
  bool tls_required_no() const;
  bool tls_report() const;
  // The login to check.
  const Login& login() const;
  // Who logged in, by AUTH or by a certificate; empty: nobody.
  const std::string& user() const;
  // The recipient to check.
  const mail::Path& recipient() const;
  // When the peer has been silent too long: call time_out() then (RFC 5321 §4.5.3.2).
  Instant deadline() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace postern::smtp
