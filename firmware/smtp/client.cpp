#include "firmware/smtp/client.hpp"

#include <algorithm>

#include "firmware/mail/text.hpp"
#include "firmware/smtp/client/session.hpp"
#include "firmware/smtp/client/state.hpp"
#include "firmware/smtp/client/transaction.hpp"

namespace postern::smtp {
namespace {

// Reads one reply; false where none is complete.
bool read_reply(Client::State& state, Bytes& input) {
  if (input.empty()) return false;
  if (state.phase == Phase::tls || state.phase == Phase::handshake) {
    input = {};
    ++state.counters.client_tls_injection;
    state.fail(454, "4.7.0", "server sent bytes behind its answer to STARTTLS");
    return true;
  }
  const ReplyKind kind = state.reader.next(input);
  if (kind == ReplyKind::need_more) return false;
  if (kind == ReplyKind::reply) {
    take_reply(state, state.reader.reply(), !input.empty());
  } else {
    ++state.counters.client_bad_reply;
    state.fail(451, "4.5.0", "server sent a malformed reply");
  }
  return true;
}

// Gives out a step that is due, once.
bool take_flag(bool& flag) {
  const bool was = flag;
  flag = false;
  return was;
}

}  // namespace

Client::Client(const ClientSettings& settings, Counters& counters, Now now)
    : state_(std::make_unique<State>(settings, counters, now)) {
  ++counters.client_sessions;
}

Client::~Client() = default;

ClientStepKind Client::feed(Bytes& input, Now now) {
  State& state = *state_;
  state.now = now;
  while (true) {
    if (take_flag(state.done_due)) return ClientStepKind::message_done;
    if (state.phase == Phase::closed) {
      input = {};
      return ClientStepKind::close;
    }
    if (!read_reply(state, input)) break;
  }
  if (state.phase == Phase::tls) {
    state.phase = Phase::handshake;
    return ClientStepKind::start_tls;
  }
  if (state.phase == Phase::idle && take_flag(state.ready_due)) return ClientStepKind::ready;
  return wants_body(state) ? ClientStepKind::need_body : ClientStepKind::need_input;
}

// RFC 3207 §4.2: what was learned in the clear is forgotten.
void Client::tls_established() {
  State& state = *state_;
  if (state.phase == Phase::closed) return;
  ++state.counters.client_tls_sessions;
  state.tls = true;
  state.offers = {};
  state.reader = {};
  // Implicit TLS: the greeting still comes.
  if (state.phase == Phase::handshake) say_hello(state);
}

void Client::deliver(const mail::Envelope& envelope, std::vector<std::uint32_t> wanted, std::uint64_t size,
                     Now now) {
  if (!idle()) return;
  state_->now = now;
  begin_delivery(*state_, envelope, std::move(wanted), size);
}

void Client::probe(const mail::Path& recipient, Now now) {
  if (!idle()) return;
  state_->now = now;
  begin_probe(*state_, recipient);
}

std::size_t Client::body(Bytes bytes, Now now) {
  state_->now = now;
  return take_body(*state_, bytes);
}

void Client::body_end(Now now) {
  state_->now = now;
  end_body(*state_);
}

void Client::quit(Now now) {
  State& state = *state_;
  state.now = now;
  if (idle()) return say_quit(state);
  if (state.phase != Phase::quit) state.fail(451, "4.4.2", "we broke the session off");
}

void Client::time_out() {
  State& state = *state_;
  if (state.phase == Phase::closed) return;
  ++state.counters.client_timeouts;
  state.fail(451, "4.4.2", "server did not answer in time");
}

void Client::connection_lost(std::string_view reason) {
  State& state = *state_;
  if (state.phase == Phase::closed) return;
  if (state.phase == Phase::quit) {
    state.phase = Phase::closed;
    return;
  }
  if (state.phase != Phase::idle) ++state.counters.client_lost;
  state.fail(451, "4.4.2", "connection lost: " + mail::printable(reason, 200));
}

Bytes Client::output() const {
  return as_bytes(state_->out).subspan(state_->out_sent);
}

void Client::output_sent(std::size_t count) {
  state_->out_sent += std::min(count, state_->out_waiting());
}

const std::vector<RecipientResult>& Client::results() const {
  return state_->results;
}
std::string_view Client::last_reply() const {
  return state_->last_reply;
}
std::string_view Client::failure() const {
  return state_->failure;
}
const RecipientResult& Client::failure_result() const {
  return state_->failure_result;
}
bool Client::idle() const {
  return state_->phase == Phase::idle && !state_->done_due;
}
bool Client::offers_dsn() const {
  return state_->offers.dsn;
}

bool Client::offers_requiretls() const {
  return state_->tls && state_->offers.requiretls;
}
bool Client::offers_starttls() const {
  return state_->offers.starttls;
}
std::string_view Client::server_name() const {
  return state_->server_name;
}
bool Client::exhausted() const {
  const std::uint64_t limit = state_->offers.messages_limit;
  return limit != 0 && state_->messages >= limit;
}

Instant Client::deadline() const {
  return state_->deadline;
}

}  // namespace postern::smtp
