#include "firmware/smtp/server/replies.hpp"

#include <array>

#include "firmware/mail/text.hpp"

namespace postern::smtp {
namespace {

constexpr std::size_t kSentMax = 4 * 1024;  // bytes that are sent and still in the buffer

using C = Counters;
using enum Refusal;

// In the order of the enum. RFC 5321 §4.2.2 and §4.2.3 for the codes, RFC 3463 §3 for the enhanced ones.
constexpr auto kReplies = std::to_array<RefusalReply>({
    {none, "", "", nullptr, false, false},
    {unknown_command, "500 5.5.1", "command not recognized", &C::refused_unknown_command},
    {line_too_long, "500 5.5.2", "command line too long", &C::refused_line_too_long},
    {bare_cr_in_command, "500 5.5.2", "bare CR in a command", &C::refused_line_end},
    {bare_lf_in_command, "500 5.5.2", "command lines end in CRLF", &C::refused_line_end},
    {nul_in_command, "500 5.5.2", "NUL in a command", &C::refused_nul},
    {not_implemented, "502 5.5.1", "command not offered here", &C::refused_not_implemented},
    {hello_first, "503 5.5.1", "say EHLO first", &C::refused_sequence},
    {nested_mail, "503 5.5.1", "a transaction is open already", &C::refused_sequence},
    {mail_first, "503 5.5.1", "MAIL comes first", &C::refused_sequence},
    {in_chunks, "503 5.5.1", "a message is being sent by BDAT", &C::refused_sequence},
    // RFC 5321 §3.3: all RCPT were refused, or there was none.
    {no_recipients, "554 5.5.1", "no valid recipients", &C::refused_no_recipients},
    {bad_argument, "501 5.5.4", "malformed argument", &C::refused_argument},
    {bad_sender, "501 5.1.7", "malformed sender address", &C::refused_sender_syntax},
    {bad_recipient, "501 5.1.3", "malformed recipient address", &C::refused_recipient_syntax},
    // RFC 6531 §3.5.
    {needs_smtputf8, "553 5.6.7", "address needs SMTPUTF8", &C::refused_needs_smtputf8},
    {bad_parameter, "501 5.5.4", "malformed parameter", &C::refused_parameter},
    {unknown_parameter, "555 5.5.4", "parameter not recognized", &C::refused_unknown_parameter},
    {unknown_body_type, "504 5.5.4", "body type not offered", &C::refused_body_type},
    // RFC 3207 §4.
    {tls_required, "530 5.7.0", "issue STARTTLS first", &C::refused_tls_required},
    {tls_repeated, "503 5.5.1", "TLS is active", &C::refused_tls_repeated},
    {tls_injection, "501 5.5.1", "bytes behind STARTTLS", &C::refused_tls_injection, true, true},
    // RFC 4954 §6.
    {login_needs_tls, "538 5.7.11", "encryption required for this mechanism", &C::refused_login_clear},
    {login_repeated, "503 5.5.1", "logged in already", &C::refused_sequence},
    {login_in_transaction, "503 5.5.1", "a transaction is open", &C::refused_sequence},
    {login_mechanism, "504 5.5.4", "mechanism not offered", &C::refused_login_syntax},
    {login_malformed, "501 5.5.2", "cannot be decoded", &C::refused_login_syntax},
    {login_cancelled, "501 5.7.0", "login cancelled", &C::refused_login_syntax},
    {login_wrong, "535 5.7.8", "user or password wrong", &C::refused_login},
    {login_later, "454 4.7.0", "cannot check the login now, try later", &C::deferred_login},
    {too_many_logins, "421 4.7.0", "too many failed logins", &C::closed_logins, true, true},
    {login_required, "530 5.7.0", "log in first", &C::refused_login_required},
    {foreign_sender, "553 5.7.1", "sender address is not of a domain served here",
     &C::refused_foreign_sender},
    {relay_denied, "550 5.7.1", "relay denied", &C::refused_relay},
    {address_literal, "550 5.7.1", "no mail to address literals", &C::refused_literal},
    {unknown_recipient, "550 5.1.1", "no such recipient", &C::refused_unknown_recipient},
    {recipient_later, "451 4.3.0", "recipient cannot be verified now", &C::deferred_recipient, false},
    // RFC 5321 §4.5.3.1.10.
    {too_many_recipients, "452 4.5.3", "too many recipients", &C::refused_too_many_recipients, false},
    // RFC 1870 §6.1.
    {declared_too_big, "552 5.3.4", "message too big", &C::refused_declared_size},
    {message_too_big, "552 5.3.4", "message too big", &C::refused_message_size},
    {header_too_big, "552 5.6.0", "header section too big", &C::refused_header_size},
    // RFC 5321 §4.5.3.1.6 sets the length; 500 answers command lines, 554 is what may follow the end of DATA
    // (RFC 5321 §4.3.2).
    {text_line_too_long, "554 5.6.0", "text line too long", &C::refused_text_line},
    {bare_cr_in_text, "550 5.6.11", "bare CR in the message", &C::refused_bare_cr, true, true},
    {bare_lf_in_text, "550 5.6.11", "bare LF in the message", &C::refused_bare_lf, true, true},
    {nul_in_text, "550 5.6.11", "NUL in the message", &C::refused_text_nul, true, true},
    {too_many_hops, "554 5.4.6", "too many hops", &C::refused_hops},
    {chunk_too_big, "552 5.3.4", "chunk too big", &C::refused_chunk_size, true, true},
    {no_space, "452 4.3.1", "no room now, try later", &C::deferred_no_space, false},
    {store_failed, "451 4.3.0", "could not store the message, try later", &C::deferred_store, false},
    {no_tls_report, "550 5.7.1", "this address takes TLS reports of at most 4 MiB and nothing else",
     &C::refused_no_tls_report},
    {too_many_messages, "421 4.7.0", "too many messages in one session", &C::closed_messages, true, true},
    {too_many_commands, "421 4.7.0", "too many commands", &C::closed_commands, true, true},
    {too_many_errors, "421 4.7.0", "too many errors", &C::closed_errors, false, true},
    {timed_out, "421 4.4.2", "timed out", &C::closed_timeout, false, true},
    {shutting_down, "421 4.3.2", "shutting down", &C::closed_shutdown, false, true},
    {early_talk, "554 5.5.0", "spoke before the greeting", &C::closed_early_talk, true, true},
    {foreign_protocol, "554 5.5.1", "this is SMTP", &C::closed_foreign_protocol, true, true},
});
static_assert(kReplies.size() == static_cast<std::size_t>(Refusal::kinds));

consteval bool in_order() {
  for (std::size_t i = 0; i < kReplies.size(); ++i) {
    if (static_cast<std::size_t>(kReplies[i].refusal) != i) return false;
  }
  return true;
}
static_assert(in_order());

void append_reply(Server::State& state, const RefusalReply& reply, std::string_view words) {
  std::string line(reply.code);
  line += ' ';
  // RFC 5321 §4.2.2: 421 names the host.
  if (line.starts_with("421")) line += state.settings.host_name + " ";
  line += words.empty() ? std::string(reply.text) : mail::printable_ascii(words, 200);
  say(state, line);
}

}  // namespace

const RefusalReply& reply_for(Refusal refusal) {
  return kReplies[static_cast<std::size_t>(refusal)];
}

void say(Server::State& state, std::string_view line) {
  if (state.out_sent == state.out.size() || state.out_sent > kSentMax) {
    state.out.erase(0, state.out_sent);
    state.out_sent = 0;
  }
  state.out += line;
  state.out += "\r\n";
}

void count(Server::State& state, Refusal refusal) {
  const RefusalReply& reply = reply_for(refusal);
  ++(state.counters.*reply.counter);
  if (reply.error) ++state.errors;
}

void refuse(Server::State& state, Refusal refusal, std::string_view words) {
  const RefusalReply& reply = reply_for(refusal);
  append_reply(state, reply, words);
  count(state, refusal);
  if (reply.closes) {
    state.reset_transaction();
    state.mode = Mode::close;
  } else if (state.errors > state.settings.errors_per_session) {
    refuse(state, Refusal::too_many_errors);
  }
}

}  // namespace postern::smtp
