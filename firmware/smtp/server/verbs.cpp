#include "firmware/smtp/server/verbs.hpp"

#include <algorithm>
#include <array>

#include "firmware/mail/text.hpp"
#include "firmware/smtp/server/replies.hpp"

namespace postern::smtp {
namespace {

constexpr auto kVerbs = std::to_array<Verb>({
    {"EHLO", kAnyStage, true, check_hello, act_ehlo},
    {"HELO", kAnyStage, true, check_hello, act_helo},
    {"MAIL", kReady, false, check_mail, act_mail},
    {"RCPT", kMail | kRcpt, false, check_rcpt, act_rcpt},
    {"DATA", kRcpt, false, check_data, act_data},
    {"BDAT", kRcpt | kChunks, false, check_bdat, act_bdat, refuse_bdat},
    {"RSET", kAnyStage, true, check_rset, act_rset},
    {"NOOP", kAnyStage, true, check_noop, act_noop},
    {"QUIT", kAnyStage, true, check_quit, act_quit},
    {"VRFY", kAnyStage, false, check_vrfy, act_vrfy},
    {"HELP", kAnyStage, true, check_help, act_help},
    {"STARTTLS", kReady | kMail | kRcpt, true, check_starttls, act_starttls},
    {"AUTH", kAnyStage, true, check_auth, act_auth},
    {"EXPN", kAnyStage, true, check_unoffered, nullptr},
    {"ETRN", kAnyStage, true, check_unoffered, nullptr},
    {"TURN", kAnyStage, true, check_unoffered, nullptr},
    {"ATRN", kAnyStage, true, check_unoffered, nullptr},
    {"SEND", kAnyStage, true, check_unoffered, nullptr},
    {"SOML", kAnyStage, true, check_unoffered, nullptr},
    {"SAML", kAnyStage, true, check_unoffered, nullptr},
    {"BURL", kAnyStage, true, check_unoffered, nullptr},
    {"GET", kAnyStage, true, check_foreign, nullptr},
    {"POST", kAnyStage, true, check_foreign, nullptr},
    {"PUT", kAnyStage, true, check_foreign, nullptr},
    {"HEAD", kAnyStage, true, check_foreign, nullptr},
    {"OPTIONS", kAnyStage, true, check_foreign, nullptr},
    {"CONNECT", kAnyStage, true, check_foreign, nullptr},
});

// Why a verb is not allowed now. RFC 5321 §4.1.4.
Refusal out_of_order(const Server::State& state, const Verb& verb) {
  if (state.stage == kStart) return Refusal::hello_first;
  if (state.stage == kChunks) return Refusal::in_chunks;
  if (verb.text == "MAIL") return Refusal::nested_mail;
  return state.stage == kMail ? Refusal::no_recipients : Refusal::mail_first;
}

Refusal gate(const Server::State& state, const Verb& verb) {
  if (state.settings.require_tls && !state.tls && !verb.in_clear) return Refusal::tls_required;
  return (verb.allowed & state.stage) != 0 ? Refusal::none : out_of_order(state, verb);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Who sent a certificate should hear why it did not help.
std::string words_of(const Server::State& state, Refusal refusal) {
  const bool login_helps = refusal == Refusal::login_required || refusal == Refusal::relay_denied;
  if (!login_helps || state.certificate_trouble.empty()) return {};
  return std::string(reply_for(refusal).text) +
         "; your certificate does not count: " + state.certificate_trouble;
}

}  // namespace

const Verb* find_verb(std::string_view text) {
  const auto* const found = std::find_if(kVerbs.begin(), kVerbs.end(), [text](const Verb& verb) {
    return mail::equals_ignoring_case(verb.text, text);
  });
  return found == kVerbs.end() ? nullptr : found;
}

void run_command(Server::State& state, std::string_view line) {
  ++state.counters.commands;
  if (++state.commands > state.settings.commands_per_session)
    return refuse(state, Refusal::too_many_commands);
  const std::size_t space = std::min(line.find(' '), line.size());
  const Verb* const verb = find_verb(line.substr(0, space));
  if (verb == nullptr) return refuse(state, Refusal::unknown_command);
  Command command;
  command.argument = trimmed(line.substr(space));
  Refusal refusal = gate(state, *verb);
  if (refusal == Refusal::none) refusal = verb->check(state, command);
  if (refusal == Refusal::none) {
    verb->act(state, command);
  } else if (verb->refuse != nullptr) {
    verb->refuse(state, command, refusal);
  } else {
    refuse(state, refusal, words_of(state, refusal));
  }
}

}  // namespace postern::smtp
