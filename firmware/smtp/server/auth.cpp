// AUTH PLAIN, and nothing else: RFC 4954, RFC 4616. Only under TLS, and only where the listener offers it.
//
// What was said is checked outside (step check_login); the password is wiped as soon as it was.
#include <algorithm>

#include "firmware/mail/text.hpp"
#include "firmware/smtp/server/base64.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {
namespace {

constexpr std::string_view kPlain = "PLAIN";

// The next part of "authzid NUL authcid NUL passwd" (RFC 4616 §2).
std::string_view take_part(std::string_view& text) {
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool read_plain(std::string_view text, Login& login) {
  std::string plain;
  if (!from_base64(text, plain)) return false;
  if (std::count(plain.begin(), plain.end(), '\0') != 2) return false;
  std::string_view rest = plain;
  const std::string_view acts_for = take_part(rest);
  login.user = take_part(rest);
  login.password = rest;
  // Nobody acts for somebody else here.
  const bool good = (acts_for.empty() || acts_for == login.user) && !login.user.empty() &&
                    !login.password.empty() && mail::is_utf8(login.user);
  wipe(plain);
  return good;
}

}  // namespace

Refusal check_auth(const Server::State& state, Command& command) {
  if (!state.peer.offer_auth) return Refusal::not_implemented;
  if (state.stage == kStart) return Refusal::hello_first;
  // RFC 4954 §4: once per session, and not within a transaction.
  if (state.logged_in) return Refusal::login_repeated;
  if (state.stage != kReady) return Refusal::login_in_transaction;
  if (!state.tls) return Refusal::login_needs_tls;
  const std::string_view mechanism = command.argument.substr(0, command.argument.find(' '));
  return mail::equals_ignoring_case(mechanism, kPlain) ? Refusal::none : Refusal::login_mechanism;
}

void act_auth(Server::State& state, const Command& command) {
  std::string_view text = command.argument.substr(kPlain.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (!text.empty()) return take_login(state, text);
  say(state, "334 ");
  state.mode = Mode::login_text;
}

void take_login(Server::State& state, std::string_view text) {
  if (text == "*") return refuse(state, Refusal::login_cancelled);
  if (!read_plain(text, state.login)) return refuse(state, Refusal::login_malformed);
  state.mode = Mode::ask_login;
  state.asked = false;
}

}  // namespace postern::smtp
