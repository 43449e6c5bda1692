#include "firmware/smtp/client/sendable.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "firmware/mail/text.hpp"
#include "firmware/mail/xtext.hpp"

namespace postern::smtp {
namespace {

// A path that reads back as itself cannot break out of its angle brackets.
bool is_writable(const mail::Path& path) {
  const auto again = mail::parse_path(path.text(), true);
  return again && *again == path;
}

bool message_needs_utf8(const Client::State& state) {
  if (state.envelope->smtputf8 || needs_utf8(state.envelope->sender)) return true;
  return std::any_of(state.wanted.begin(), state.wanted.end(), [&state](std::uint32_t index) {
    return needs_utf8(state.envelope->recipients[index].path);
  });
}

// What stands against the message as a whole.
RecipientResult judge_message(Client::State& state) {
  const Extensions& offers = state.offers;
  if (offers.size && offers.size_limit != 0 && state.body_size > offers.size_limit) {
    ++state.counters.client_too_big;
    return local_result(552, "5.3.4", "message is bigger than the next server takes");
  }
  // RFC 8689 §4.2.1: offered after STARTTLS, or it does not go.
  if (state.envelope->require_tls && (!state.tls || !offers.requiretls)) {
    ++state.counters.client_no_requiretls;
    return local_result(550, "5.7.30", "message asks for REQUIRETLS and the next server does not offer it");
  }
  if (state.envelope->body == mail::Body::eight_bit_mime && !offers.eight_bit_mime) {
    ++state.counters.client_no_8bitmime;
    return local_result(554, "5.6.3", "message is 8-bit and the next server does not offer 8BITMIME");
  }
  if (state.envelope->smtputf8 && !offers.smtputf8) {
    ++state.counters.client_no_smtputf8;
    return local_result(554, "5.6.9", "message needs SMTPUTF8 and the next server does not offer it");
  }
  if (!is_writable(state.envelope->sender)) {
    ++state.counters.client_unsendable_address;
    return local_result(554, "5.1.7", "sender address cannot be sent");
  }
  if (needs_utf8(state.envelope->sender) && !offers.smtputf8) {
    ++state.counters.client_no_smtputf8;
    return local_result(554, "5.6.7", "sender address needs SMTPUTF8 and the next server does not offer it");
  }
  return {};
}

// The words of NOTIFY; empty where nothing was asked. RFC 3461 §4.1.
std::string notify_words(std::uint8_t bits) {
  struct Word {
    std::uint8_t bit;
    std::string_view text;
  };
  constexpr auto kWords = std::to_array<Word>({{mail::kNotifyNever, "NEVER"},
                                               {mail::kNotifySuccess, "SUCCESS"},
                                               {mail::kNotifyFailure, "FAILURE"},
                                               {mail::kNotifyDelay, "DELAY"}});
  std::string out;
  for (const Word& word : kWords) {
    if ((bits & word.bit) == 0) continue;
    if (!out.empty()) out += ',';
    out += word.text;
  }
  return out;
}

}  // namespace

bool needs_utf8(const mail::Path& path) {
  return !mail::is_ascii(path.local) || !mail::is_ascii(path.domain);
}

RecipientResult judge_path(const Extensions& offers, const mail::Path& path) {
  if (path.is_null() || !is_writable(path))
    return local_result(553, "5.1.3", "recipient address cannot be sent");
  if (!needs_utf8(path) || offers.smtputf8) return {};
  return local_result(553, "5.6.7", "recipient address needs SMTPUTF8 and the next server does not offer it");
}

void refuse_unsendable(Client::State& state) {
  if (const RecipientResult result = judge_message(state); result.code != 0) return state.settle_rest(result);
  const std::uint64_t limit = state.offers.recipients_limit;
  std::uint64_t taken = 0;
  for (std::size_t i = 0; i < state.wanted.size(); ++i) {
    const RecipientResult result = judge_path(state.offers, state.envelope->recipients[state.wanted[i]].path);
    if (result.code != 0) {
      ++state.counters.client_unsendable_address;
      state.settle(i, result);
    } else if (limit != 0 && ++taken > limit) {
      state.settle(i, local_result(452, "4.5.3", "more recipients than the next server takes at once"));
    }
  }
}

std::string mail_command(const Client::State& state) {
  const mail::Envelope& envelope = *state.envelope;
  const Extensions& offers = state.offers;
  std::string out = "MAIL FROM:<" + envelope.sender.text() + ">";
  if (offers.size && state.body_size != 0) out += " SIZE=" + std::to_string(state.body_size);
  if (offers.eight_bit_mime && envelope.body == mail::Body::eight_bit_mime) out += " BODY=8BITMIME";
  if (offers.smtputf8 && message_needs_utf8(state)) out += " SMTPUTF8";
  if (envelope.require_tls) out += " REQUIRETLS";
  if (!offers.dsn) return out;
  if (envelope.ret != mail::Return::unspecified) {
    out += envelope.ret == mail::Return::full ? " RET=FULL" : " RET=HDRS";
  }
  if (!envelope.envelope_id.empty() && mail::is_xtext(envelope.envelope_id))
    out += " ENVID=" + envelope.envelope_id;
  return out;
}

std::string rcpt_command(const Client::State& state, const mail::Recipient& recipient) {
  std::string out = "RCPT TO:<" + recipient.path.text() + ">";
  if (!state.offers.dsn) return out;
  const std::string notify = notify_words(recipient.notify);
  if (!notify.empty()) out += " NOTIFY=" + notify;
  if (mail::is_original_recipient(recipient.original, state.envelope->smtputf8))
    out += " ORCPT=" + recipient.original;
  return out;
}

}  // namespace postern::smtp
