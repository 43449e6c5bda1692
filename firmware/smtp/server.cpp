#include "firmware/smtp/server.hpp"

#include <algorithm>

#include "firmware/smtp/server/base64.hpp"
#include "firmware/smtp/server/message.hpp"
#include "firmware/smtp/server/modes.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/state.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {

Server::Server(const ServerSettings& settings, Counters& counters, const Peer& peer, Now now)
    : state_(std::make_unique<State>(settings, counters, peer, now)) {
  ++counters.sessions;
  if (peer.implicit_tls) ++counters.tls_sessions;
  say(*state_, "220 " + settings.host_name + " ESMTP Postern");
  state_->greeting_left = state_->out.size();
}

Server::~Server() = default;

Step Server::feed(Bytes& input, Now now) {
  State& state = *state_;
  state.now = now;
  if (!input.empty()) state.input_seen = now.instant;
  if (state.restart_clock) state.command_began = now.instant;
  state.restart_clock = false;
  notice_early_talk(state, input);
  while (true) {
    if (state.abandon_due) {
      state.abandon_due = false;
      return {StepKind::abandon_message, {}};
    }
    if (const std::optional<Step> step = mode_step(state, input)) return *step;
  }
}

// RFC 3207 §4.2: everything learned in the clear is forgotten.
void Server::tls_established(const TlsFacts& facts) {
  State& state = *state_;
  if (!state.peer.implicit_tls) ++state.counters.tls_sessions;
  state.tls = true;
  state.tls_version = facts.version;
  state.tls_cipher = facts.cipher;
  state.helo.clear();
  state.esmtp = false;
  state.logged_in = false;
  // Under TLS from here on: a certificate counts where AUTH would (RFC 4954 §4 is about AUTH only).
  state.certified = !facts.user.empty();
  state.user = facts.user;
  state.certificate_trouble = facts.certificate_trouble;
  state.reset_transaction();
  state.stage = kStart;
  state.line = {};
  state.restart_clock = true;
  state.next_command();
}

void Server::login_checked(LoginAnswer answer) {
  State& state = *state_;
  if (state.mode != Mode::ask_login || !state.asked) return;
  wipe(state.login.password);
  state.next_command();
  state.restart_clock = true;
  if (answer == LoginAnswer::right) {
    state.logged_in = true;
    state.user = state.login.user;
    ++state.counters.logins;
    say(state, "235 2.7.0 logged in");
  } else if (answer == LoginAnswer::try_later) {
    refuse(state, Refusal::login_later);
  } else if (++state.logins >= state.settings.logins_per_session) {
    count(state, Refusal::login_wrong);
    refuse(state, Refusal::too_many_logins);
  } else {
    refuse(state, Refusal::login_wrong);
  }
  finish_stop(state);
}

void Server::recipient_checked(RecipientAnswer answer, std::string_view reason) {
  State& state = *state_;
  if (state.mode != Mode::ask_recipient || !state.asked) return;
  state.next_command();
  state.restart_clock = true;
  if (answer == RecipientAnswer::known) {
    accept_recipient(state);
  } else {
    refuse(state, answer == RecipientAnswer::unknown ? Refusal::unknown_recipient : Refusal::recipient_later,
           reason);
  }
  finish_stop(state);
}

void Server::message_begun(StoreAnswer answer) {
  State& state = *state_;
  if (state.mode != Mode::ask_begin || !state.asked) return;
  state.asked = false;
  state.restart_clock = true;
  smtp::message_begun(state, answer);
  finish_stop(state);
}

void Server::message_stored(StoreAnswer answer, std::string_view spool_id) {
  State& state = *state_;
  if (state.mode != Mode::ask_end || !state.asked) return;
  state.restart_clock = true;
  smtp::message_stored(state, answer, spool_id);
  finish_stop(state);
}

void Server::accept_messages(bool accepting) {
  state_->accepting = accepting;
}

void Server::time_out() {
  State& state = *state_;
  if (state.mode == Mode::linger || state.mode == Mode::tls) state.mode = Mode::close;
  if (state.mode == Mode::close) return;
  if (state.storing) ++state.counters.closed_slow_message;
  refuse(state, Refusal::timed_out);
}

void Server::shut_down() {
  state_->stop_wanted = true;
  finish_stop(*state_);
}

Bytes Server::replies() const {
  return as_bytes(state_->out).subspan(state_->out_sent);
}

void Server::replies_sent(std::size_t count) {
  State& state = *state_;
  count = std::min(count, state.replies_waiting());
  state.out_sent += count;
  state.greeting_left -= std::min(count, state.greeting_left);
}

const mail::Envelope& Server::envelope() const {
  return state_->envelope;
}
bool Server::tls_required_no() const {
  return state_->header.tls_required_no();
}
bool Server::tls_report() const {
  return state_->header.tls_report();
}
const Login& Server::login() const {
  return state_->login;
}
const std::string& Server::user() const {
  return state_->user;
}
const mail::Path& Server::recipient() const {
  return state_->candidate.path;
}
Instant Server::deadline() const {
  return state_->deadline();
}

}  // namespace postern::smtp
