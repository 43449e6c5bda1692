// MAIL: begins a transaction. RFC 5321 §4.1.1.2, RFC 1870, RFC 6152, RFC 6531, RFC 3461.
#include <array>

#include "firmware/mail/text.hpp"
#include "firmware/mail/xtext.hpp"
#include "firmware/smtp/server/parameters.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {
namespace {

constexpr std::size_t kEnvelopeIdMax = 100;  // RFC 3461 §4.4

Refusal take_size(const Server::State& state, std::string_view value, Command& command) {
  // RFC 1870 §6: up to 20 digits. More than fits in 64 bits is too big for us as well.
  if (value.empty() || value.size() > 20 || value.find_first_not_of("0123456789") != std::string_view::npos) {
    return Refusal::bad_parameter;
  }
  const bool fits = parse_number(value, command.size);
  return fits && command.size <= state.settings.message_bytes ? Refusal::none : Refusal::declared_too_big;
}

Refusal take_body(const Server::State&, std::string_view value, Command& command) {
  if (mail::equals_ignoring_case(value, "7BIT")) return Refusal::none;
  if (!mail::equals_ignoring_case(value, "8BITMIME")) return Refusal::unknown_body_type;
  command.body = mail::Body::eight_bit_mime;
  return Refusal::none;
}

Refusal take_smtputf8(const Server::State&, std::string_view value, Command& command) {
  command.smtputf8 = true;
  return value.empty() ? Refusal::none : Refusal::bad_parameter;
}

Refusal take_ret(const Server::State&, std::string_view value, Command& command) {
  const bool full = mail::equals_ignoring_case(value, "FULL");
  if (!full && !mail::equals_ignoring_case(value, "HDRS")) return Refusal::bad_parameter;
  command.ret = full ? mail::Return::full : mail::Return::headers;
  return Refusal::none;
}

Refusal take_envid(const Server::State&, std::string_view value, Command& command) {
  command.envelope_id = value;
  const bool good = !value.empty() && value.size() <= kEnvelopeIdMax && mail::is_xtext(value);
  return good ? Refusal::none : Refusal::bad_parameter;
}

// RFC 8689 §2: without a value, under TLS.
Refusal take_requiretls(const Server::State& state, std::string_view value, Command& command) {
  if (!state.tls || !state.authorised()) return Refusal::unknown_parameter;
  command.require_tls = true;
  return value.empty() ? Refusal::none : Refusal::bad_parameter;
}

// RFC 4954 §5: who submitted it first. We believe nobody about that and pass nothing on.
Refusal take_auth(const Server::State& state, std::string_view value, Command&) {
  if (!state.peer.offer_auth) return Refusal::unknown_parameter;
  return !value.empty() && mail::is_xtext(value) ? Refusal::none : Refusal::bad_parameter;
}

// Who logged in sends from our domains; a server whose address is trusted also forwards for others.
bool is_own_sender(const Server::State& state, const mail::Path& path) {
  const bool bound = state.logged_in || (state.certified && !state.peer.may_relay);
  if (!bound || state.settings.any_sender || path.is_null()) return true;
  return is_served(state.settings, path.domain);
}

constexpr auto kParameters = std::to_array<Parameter>({
    {"SIZE", take_size},
    {"BODY", take_body},
    {"SMTPUTF8", take_smtputf8},
    {"RET", take_ret},
    {"ENVID", take_envid},
    {"REQUIRETLS", take_requiretls},
    {"AUTH", take_auth},
});

}  // namespace

Refusal check_mail(const Server::State& state, Command& command) {
  if (state.messages >= state.settings.messages_per_session) return Refusal::too_many_messages;
  if (state.peer.submission && !state.authorised()) return Refusal::login_required;
  const PathAndParameters parts = split_path(command.argument, "FROM:");
  if (!parts.good) return Refusal::bad_argument;
  const Refusal refusal = take_parameters(state, parts.parameters, kParameters, command);
  if (refusal != Refusal::none) return refusal;
  auto path = mail::parse_path(parts.path, command.smtputf8);
  if (!path) {
    return command.smtputf8 || mail::is_ascii(parts.path) ? Refusal::bad_sender : Refusal::needs_smtputf8;
  }
  if (path->domain.empty() && !path->is_null()) return Refusal::bad_sender;
  if (!is_own_sender(state, *path)) return Refusal::foreign_sender;
  command.path = std::move(*path);
  return state.accepting ? Refusal::none : Refusal::no_space;
}

void act_mail(Server::State& state, const Command& command) {
  mail::Envelope& envelope = state.envelope;
  envelope = {};
  envelope.sender = command.path;
  envelope.body = command.body;
  envelope.smtputf8 = command.smtputf8;
  envelope.require_tls = command.require_tls;
  envelope.submitted = state.authorised();
  envelope.authenticated = state.logged_in;
  envelope.ret = command.ret;
  envelope.envelope_id = command.envelope_id;
  envelope.declared_size = command.size;
  envelope.client = state.peer.address;
  envelope.helo = state.helo;
  envelope.esmtp = state.esmtp;
  envelope.tls_version = state.tls_version;
  envelope.tls_cipher = state.tls_cipher;
  state.stage = kMail;
  say(state, "250 2.1.0 sender ok");
}

}  // namespace postern::smtp
