#include "firmware/smtp/client/session.hpp"

#include <array>

#include "firmware/mail/text.hpp"
#include "firmware/smtp/client/transaction.hpp"

namespace postern::smtp {
namespace {

void become_idle(Client::State& state) {
  state.phase = Phase::idle;
  state.ready_due = true;
  state.deadline = kNever;
}

// A refusal that has nothing to do with a message is a reason to try later, whatever its class: it is about
// us or about the server, and both may change.
void fail_session(Client::State& state, const Reply& reply, Counter Counters::*counter) {
  ++(state.counters.*counter);
  RecipientResult result = result_of(reply);
  if (result.code >= 500 || result.code < 400) {
    result.text = std::to_string(reply.code) + " " + result.status + " " + result.text;
    result.code = 451;
    result.status = "4.3.0";
  }
  state.fail(result);
}

// At most 255 printable characters.
std::string first_word(std::string_view text) {
  return mail::printable_ascii(text.substr(0, text.find(' ')), 255);
}

// RFC 5321 §3.1.
void take_greeting(Client::State& state, const Reply& reply, Expected) {
  if (reply.code != 220) return fail_session(state, reply, &Counters::client_greeting_refused);
  say_hello(state);
}

// After EHLO: TLS where we want it and have not got it, else ready. RFC 3207 §4.
void choose_tls(Client::State& state) {
  const bool wanted = (state.settings.use_starttls || state.settings.require_tls) && !state.tls;
  if (wanted && state.offers.starttls) {
    state.order("STARTTLS", {Expect::starttls});
    return state.pump();
  }
  if (state.settings.require_tls && !state.tls) {
    ++state.counters.client_tls_missing;
    return state.fail(454, "4.7.4", "server does not offer STARTTLS");
  }
  become_idle(state);
}

void take_ehlo(Client::State& state, const Reply& reply, Expected) {
  if (reply.code == 250) {
    state.offers = parse_extensions(reply.lines);
    state.server_name = reply.lines.empty() ? std::string() : first_word(reply.lines.front());
    return choose_tls(state);
  }
  // RFC 5321 §3.2: a server that does not know EHLO gets HELO.
  if (reply.kind() != 5) return fail_session(state, reply, &Counters::client_hello_refused);
  state.order("HELO " + state.settings.host_name, {Expect::helo});
  state.pump();
}

void take_helo(Client::State& state, const Reply& reply, Expected) {
  if (reply.code != 250) return fail_session(state, reply, &Counters::client_hello_refused);
  state.offers = {};
  choose_tls(state);
}

void take_starttls(Client::State& state, const Reply& reply, Expected) {
  if (reply.code == 220) {
    state.phase = Phase::tls;
    state.deadline = state.now.instant + state.settings.command_timeout;
    return;
  }
  if (state.settings.require_tls) return fail_session(state, reply, &Counters::client_tls_missing);
  become_idle(state);
}

// Whatever it says: we are leaving.
void take_quit(Client::State& state, const Reply&, Expected) {
  state.phase = Phase::closed;
  state.deadline = kNever;
}

using Take = void (*)(Client::State&, const Reply&, Expected);

// In the order of the enum Expect.
constexpr auto kTakes =
    std::to_array<Take>({take_greeting, take_ehlo, take_helo, take_starttls, take_rset, take_mail, take_rcpt,
                         take_data, take_chunk, take_final, take_quit});
static_assert(kTakes.size() == static_cast<std::size_t>(Expect::quit) + 1);

// A reply that answers nothing. In the middle of a message it is the server's last word about it.
void take_unasked(Client::State& state, const Reply& reply) {
  if (state.phase == Phase::body && reply.kind() >= 4) {
    state.settle_rest(result_of(reply));
    ++state.counters.client_unexpected_reply;
    return state.fail(451, "4.5.0", "server answered before the end of the message");
  }
  ++state.counters.client_bad_reply;
  state.fail(451, "4.5.0", "server spoke out of turn");
}

}  // namespace

void say_hello(Client::State& state) {
  state.phase = Phase::hello;
  state.order("EHLO " + state.settings.host_name, {Expect::ehlo});
  state.pump();
}

void say_quit(Client::State& state) {
  state.phase = Phase::quit;
  state.order("QUIT", {Expect::quit});
  state.pump();
}

void take_reply(Client::State& state, const Reply& reply, bool more) {
  state.last_reply =
      std::to_string(reply.code) + " " + (reply.status.empty() ? "" : reply.status + " ") + reply.text;
  const bool leaving = !state.expected.empty() && state.expected.front().what == Expect::quit;
  // RFC 5321 §3.8: 421 may come at any time and means the end.
  if (reply.code == 421 && !leaving) {
    ++state.counters.client_421;
    return state.fail(result_of(reply));
  }
  if (state.expected.empty()) return take_unasked(state, reply);
  // Up to STARTTLS one reply follows one command; an answer that is there before the question is no answer.
  const bool hello = state.phase == Phase::hello && state.expected.front().what != Expect::starttls;
  if (hello && more) return take_unasked(state, reply);
  const Expected expected = state.expected.front();
  state.expected.pop_front();
  kTakes[static_cast<std::size_t>(expected.what)](state, reply, expected);
  // RFC 3207 §4.2: what comes in the clear behind the answer to STARTTLS must not be read as if it had come
  // under TLS.
  if (more && state.phase == Phase::tls) {
    ++state.counters.client_tls_injection;
    return state.fail(454, "4.7.0", "server sent bytes behind its answer to STARTTLS");
  }
  if (state.phase == Phase::closed) return;
  state.pump();
  if (state.phase != Phase::tls) state.wait_for_next();
  if (state.expected.empty() && state.script.empty()) commands_answered(state);
}

}  // namespace postern::smtp
