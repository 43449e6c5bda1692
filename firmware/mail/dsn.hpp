// Delivery status notifications: what we tell a sender about mail that failed, waits, or was handed on to a
// server that cannot notify. RFC 3464 (the report), RFC 3461 (who wants one), RFC 6522 (its envelope in
// MIME), RFC 6533 (addresses outside ASCII; message/global-* about mail that came with SMTPUTF8).
//
// Who gets one: never the null reverse-path, never against NOTIFY=NEVER. The text uses CRLF and is 7-bit
// unless the original came with SMTPUTF8, or is returned whole and is 8-bit itself; `Dsn` says which.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/mail/envelope.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/time.hpp"

namespace postern::mail {

// RFC 3464 §2.3.3.
enum class DsnAction : std::uint8_t { failed, delayed, relayed };

// What became of one recipient, in the words of whoever said so.
struct DsnRecipient {
  std::uint32_t recipient = 0;  // index into the envelope's recipients
  DsnAction action = DsnAction::failed;
  std::uint16_t code = 0;  // SMTP reply code; 0: it was not a server who said it
  std::string status;      // "5.1.1"; made from the code where empty or malformed
  std::string text;        // the server's words, one line
  std::string host;        // who said so; empty: this box itself
};

struct DsnFacts {
  const Envelope* envelope = nullptr;
  std::span<const DsnRecipient> recipients;
  Bytes original;                      // the message as far as at hand: its header section at least
  bool original_complete = false;      // `original` is the whole message
  std::size_t full_limit = 64 * 1024;  // a bigger message comes back as headers only, whatever RET says
  std::string_view host_name;          // this box: Reporting-MTA, and where the report comes from
  std::string_view boundary;  // unique; also the left side of the Message-ID. Letters, digits, '-' and '.'
  WallTime now{};
  WallTime retry_until{};  // for `delayed`: Will-Retry-Until
};

struct Dsn {
  std::string message;     // complete, with header section
  bool eight_bit = false;  // has to be sent with BODY=8BITMIME
  bool smtputf8 = false;   // has to be sent with SMTPUTF8
};

// RFC 3461 §4.1, §5.2.1 and RFC 5321 §4.5.5: whether this recipient's fate is reported at all.
bool wants_dsn(const Envelope& envelope, std::uint32_t recipient, DsnAction action);

// RFC 5321 §6.1: a message from the null reverse-path never makes another.
bool may_bounce(const Envelope& envelope);

// The report about those of `facts.recipients` whose sender wants it; empty where there is none.
Dsn build_dsn(const DsnFacts& facts);

// The envelope the report travels in: from <>, to the original's sender, without notifications of its own.
Envelope dsn_envelope(const Envelope& original, const Dsn& dsn, WallTime now);

}  // namespace postern::mail
