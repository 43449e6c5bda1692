// EHLO and HELO: the client names itself, the server its extensions. RFC 5321 §4.1.1.1.
#include <algorithm>

#include "firmware/mail/text.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {
namespace {

constexpr std::size_t kNameMax = 255;

// What honest clients send is often no domain; what counts is that it cannot do harm in a log or a header.
bool is_name_char(char c) {
  constexpr std::string_view kOthers = "-._:[]";
  return mail::ascii_alnum(c) || kOthers.find(c) != std::string_view::npos;
}

// RFC 5321 §4.1.4: EHLO in the middle of a session resets it.
void greet(Server::State& state, const Command& command, bool esmtp) {
  state.reset_transaction();
  state.helo = command.argument;
  state.esmtp = esmtp;
  state.stage = kReady;
}

}  // namespace

Refusal check_hello(const Server::State&, Command& command) {
  const std::string_view name = command.argument;
  const bool good =
      !name.empty() && name.size() <= kNameMax && std::all_of(name.begin(), name.end(), is_name_char);
  return good ? Refusal::none : Refusal::bad_argument;
}

void act_helo(Server::State& state, const Command& command) {
  greet(state, command, false);
  say(state, "250 " + state.settings.host_name);
}

void act_ehlo(Server::State& state, const Command& command) {
  greet(state, command, true);
  const ServerSettings& settings = state.settings;
  say(state, "250-" + settings.host_name);
  say(state, "250-PIPELINING");                                      // RFC 2920
  say(state, "250-SIZE " + std::to_string(settings.message_bytes));  // RFC 1870
  say(state, "250-8BITMIME");                                        // RFC 6152
  say(state, "250-SMTPUTF8");                                        // RFC 6531
  say(state, "250-CHUNKING");                                        // RFC 3030
  say(state, "250-DSN");                                             // RFC 3461
  say(state, "250-ENHANCEDSTATUSCODES");                             // RFC 2034
  // RFC 4954 §3; PLAIN needs TLS (RFC 4954 §9).
  if (state.peer.offer_auth && state.tls && !state.logged_in) say(state, "250-AUTH PLAIN");
  // RFC 8689 §2: under TLS only, and to who may send onwards.
  if (state.tls && (state.authorised() || state.peer.offer_auth)) say(state, "250-REQUIRETLS");
  // RFC 3207 §4.2: not offered again under TLS.
  if (settings.offer_starttls && !state.tls) say(state, "250-STARTTLS");
  say(state, "250 LIMITS MAILMAX=" + std::to_string(settings.messages_per_session) +
                 " RCPTMAX=" + std::to_string(settings.recipients));  // RFC 9422
}

}  // namespace postern::smtp
