// What one inbound session remembers. The verbs act on it; nobody outside firmware/smtp sees it.
//
// `stage` is what the conversation has come to and decides which verbs are allowed; `mode` is what the next
// input byte belongs to.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/mail/header.hpp"
#include "firmware/smtp/line_buffer.hpp"
#include "firmware/smtp/server.hpp"
#include "firmware/smtp/server/refusal.hpp"
#include "firmware/smtp/text_scanner.hpp"

namespace postern::smtp {

// Stages are bits, so that a set of them is a value.
using Stages = std::uint8_t;
enum Stage : Stages {
  kStart = 1,    // no EHLO yet
  kReady = 2,    // greeted, no transaction
  kMail = 4,     // MAIL was accepted
  kRcpt = 8,     // and at least one RCPT
  kChunks = 16,  // and at least one BDAT
};
inline constexpr Stages kAnyStage = kStart | kReady | kMail | kRcpt | kChunks;

enum class Mode : std::uint8_t {
  command,        // a command line
  login_text,     // the client's answer to 334
  ask_login,      // step check_login is due, or its answer
  ask_recipient,  // step check_recipient is due, or its answer
  ask_begin,      // step begin_message, or its answer
  body,           // message text
  drain,          // text of a DATA that was refused, up to its end
  linger,         // the same, and the session closes behind it
  swallow,        // a BDAT chunk that was refused
  ask_end,        // step end_message, or its answer
  tls,            // step start_tls, or the handshake
  close,          // step close
};

struct Server::State {
  State(const ServerSettings& s, Counters& c, const Peer& p, Now now);

  const ServerSettings& settings;
  Counters& counters;
  Peer peer;

  Stage stage = kStart;
  Mode mode = Mode::command;
  bool asked = false;        // the step of this mode was handed out; its answer is awaited
  bool abandon_due = false;  // step abandon_message comes first
  bool stop_wanted = false;  // shut_down() came while an answer was awaited
  bool accepting = true;     // the spool has room

  std::string helo;
  bool esmtp = false;  // by EHLO
  bool tls = false;
  std::string tls_version;
  std::string tls_cipher;
  Login login;  // being checked
  bool logged_in = false;  // by AUTH
  bool certified = false;  // its certificate counts as a login
  std::string user;        // who it is then
  std::string certificate_trouble;
  std::uint32_t logins = 0;  // that failed

  LineBuffer line;
  mail::Envelope envelope;
  mail::Recipient candidate;  // the recipient that is being checked

  // The message under way.
  bool storing = false;  // begin_message was handed out; end_message or abandon_message will follow
  TextScanner scanner;
  mail::HeaderWatch header;
  std::uint64_t message_bytes = 0;          // of text so far, the refused part of it too
  Refusal message_refusal = Refusal::none;  // said once the end is reached
  bool chunked = false;
  bool chunk_last = false;
  std::uint64_t chunk_size = 0;
  std::uint64_t chunk_left = 0;

  std::uint32_t commands = 0;
  std::uint32_t errors = 0;
  std::uint32_t messages = 0;

  std::string out;
  std::size_t out_sent = 0;
  std::size_t greeting_left = 0;  // bytes of the greeting not handed out yet

  Now now;                     // of the last feed()
  bool restart_clock = false;  // an answer came: the next feed() says what time it is
  Instant command_began;       // the wait for a whole command counts from here
  Instant input_seen;          // the last input of a message
  Instant message_began;
  Instant lingering_since;

  // May send to anybody.
  bool authorised() const { return peer.may_relay || logged_in || certified; }
  std::size_t replies_waiting() const { return out.size() - out_sent; }
  // Forgets the transaction; what was stored of it is abandoned.
  void reset_transaction();
  // Stops storing the message under way, if one is.
  void abandon();
  // A command line comes next, except where the session is to close.
  void next_command();
  Instant deadline() const;
};

}  // namespace postern::smtp
