#include "firmware/smtp/server/state.hpp"

#include <algorithm>

namespace postern::smtp {
namespace {

// How long a client whose message was refused half-way may go on sending before we hang up. Closing at once
// would reset the connection and lose our reply.
constexpr Duration kLinger = std::chrono::seconds(30);

}  // namespace

Server::State::State(const ServerSettings& s, Counters& c, const Peer& p, Now start)
    : settings(s), counters(c), peer(p), tls(p.implicit_tls), now(start), command_began(start.instant) {}

void Server::State::abandon() {
  if (!storing) return;
  storing = false;
  abandon_due = true;
  ++counters.messages_abandoned;
}

void Server::State::reset_transaction() {
  abandon();
  envelope = {};
  candidate = {};
  chunked = false;
  if (stage != kStart) stage = kReady;
}

void Server::State::next_command() {
  if (mode != Mode::close) mode = Mode::command;
  asked = false;
  command_began = now.instant;
}

// RFC 5321 §4.5.3.2.
Instant Server::State::deadline() const {
  switch (mode) {
    case Mode::ask_login:
    case Mode::ask_recipient:
    case Mode::ask_begin:
    case Mode::ask_end:
    case Mode::close:
      return kNever;
    case Mode::body:
    case Mode::drain:
    case Mode::swallow:
      return std::min(input_seen + settings.data_timeout, message_began + settings.message_timeout);
    case Mode::linger:
      return lingering_since + kLinger;
    case Mode::command:
    case Mode::login_text:
    case Mode::tls:
      break;
  }
  if (restart_clock) return kNever;
  const Instant command = command_began + settings.command_timeout;
  // Between two BDAT chunks the message's own clock runs on.
  return stage == kChunks ? std::min(command, message_began + settings.message_timeout) : command;
}

}  // namespace postern::smtp
