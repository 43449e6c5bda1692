// RCPT: adds a recipient. RFC 5321 §4.1.1.3, RFC 3461 §4.1 and §4.2.
//
// Only mail for the domains we serve is taken, unless the sender may send to anybody: here is where the box
// is no open relay. Whether a mailbox of ours exists is found out by the driver (step check_recipient).
#include <algorithm>
#include <array>

#include "firmware/mail/domain.hpp"
#include "firmware/mail/text.hpp"
#include "firmware/mail/xtext.hpp"
#include "firmware/smtp/server/parameters.hpp"
#include "firmware/smtp/server/replies.hpp"
#include "firmware/smtp/server/verbs.hpp"

namespace postern::smtp {
namespace {

constexpr std::size_t kOriginalMax = 500;  // RFC 3461 §4.2

// One word of NOTIFY's list; 0 where it is none.
std::uint8_t notify_bit(std::string_view word) {
  if (mail::equals_ignoring_case(word, "NEVER")) return mail::kNotifyNever;
  if (mail::equals_ignoring_case(word, "SUCCESS")) return mail::kNotifySuccess;
  if (mail::equals_ignoring_case(word, "FAILURE")) return mail::kNotifyFailure;
  if (mail::equals_ignoring_case(word, "DELAY")) return mail::kNotifyDelay;
  return 0;
}

Refusal take_notify(const Server::State&, std::string_view value, Command& command) {
  std::uint8_t bits = 0;
  while (true) {
    const std::size_t comma = value.find(',');
    const std::uint8_t bit = notify_bit(value.substr(0, comma));
    if (bit == 0 || (bits & bit) != 0) return Refusal::bad_parameter;
    bits |= bit;
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  // RFC 3461 §4.1: NEVER stands alone.
  if ((bits & mail::kNotifyNever) != 0 && bits != mail::kNotifyNever) return Refusal::bad_parameter;
  command.notify = bits;
  return Refusal::none;
}

Refusal take_orcpt(const Server::State& state, std::string_view value, Command& command) {
  command.original = value;
  const bool good =
      value.size() <= kOriginalMax && mail::is_original_recipient(value, state.envelope.smtputf8);
  return good ? Refusal::none : Refusal::bad_parameter;
}

constexpr auto kParameters = std::to_array<Parameter>({
    {"NOTIFY", take_notify},
    {"ORCPT", take_orcpt},
});

Refusal check_place(const Server::State& state, mail::Path& path) {
  const ServerSettings& settings = state.settings;
  // RFC 5321 §4.5.1: <Postmaster> without a domain always has somebody behind it.
  if (path.domain.empty() && !settings.served_domains.empty()) path.domain = settings.served_domains.front();
  if (path.domain.starts_with('[')) return Refusal::address_literal;
  return state.authorised() || is_served(settings, path.domain) ? Refusal::none : Refusal::relay_denied;
}

bool is_repeated(const mail::Envelope& envelope, const mail::Path& path) {
  return std::any_of(
      envelope.recipients.begin(), envelope.recipients.end(), [&path](const mail::Recipient& known) {
        return known.path.local == path.local && mail::same_domain(known.path.domain, path.domain);
      });
}

}  // namespace

bool is_served(const ServerSettings& settings, std::string_view domain) {
  return std::any_of(settings.served_domains.begin(), settings.served_domains.end(),
                     [domain](const std::string& served) { return mail::same_domain(served, domain); });
}

Refusal check_rcpt(const Server::State& state, Command& command) {
  const PathAndParameters parts = split_path(command.argument, "TO:");
  if (!parts.good) return Refusal::bad_argument;
  const bool utf8 = state.envelope.smtputf8;
  auto path = mail::parse_path(parts.path, utf8);
  if (!path) return utf8 || mail::is_ascii(parts.path) ? Refusal::bad_recipient : Refusal::needs_smtputf8;
  if (path->is_null()) return Refusal::bad_recipient;
  command.path = std::move(*path);
  const Refusal refusal = take_parameters(state, parts.parameters, kParameters, command);
  if (refusal != Refusal::none) return refusal;
  return check_place(state, command.path);
}

void accept_recipient(Server::State& state) {
  state.envelope.recipients.push_back(std::move(state.candidate));
  state.stage = kRcpt;
  ++state.counters.recipients_accepted;
  say(state, "250 2.1.5 recipient ok");
}

void act_rcpt(Server::State& state, const Command& command) {
  if (is_repeated(state.envelope, command.path)) {
    ++state.counters.recipients_repeated;
    return say(state, "250 2.1.5 recipient ok");
  }
  if (state.envelope.recipients.size() >= state.settings.recipients) {
    return refuse(state, Refusal::too_many_recipients);
  }
  state.candidate = {command.path, command.notify, std::string(command.original)};
  if (!is_served(state.settings, command.path.domain)) {
    // Nobody here can say whether the mailbox exists.
    ++state.counters.relayed_recipients;
    return accept_recipient(state);
  }
  state.mode = Mode::ask_recipient;
  state.asked = false;
}

}  // namespace postern::smtp
