#include "firmware/mail/dsn.hpp"

#include <algorithm>

#include "firmware/mail/date.hpp"
#include "firmware/mail/header.hpp"
#include "firmware/mail/quoted_printable.hpp"
#include "firmware/mail/text.hpp"
#include "firmware/mail/xtext.hpp"

namespace postern::mail {
namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::size_t kHeadersMax = 64 * 1024;  // of an original header section that is sent back

struct ActionWords {
  std::string_view name;  // RFC 3464 §2.3.3
  std::string_view subject;
  std::string_view opening;  // lines of at most 72 characters
  std::string_view closing;
};

const ActionWords& words_for(DsnAction action) {
  static constexpr ActionWords kFailed = {
      "failed", "Undelivered mail returned to sender",
      "Your message could not be delivered to the recipients listed below.\r\n"
      "It will not be tried again.\r\n",
      "What you can do: check the address for typing errors, and read what the\r\n"
      "other side said. If it does not help, reach the recipient another way or\r\n"
      "ask the postmaster there.\r\n"};
  static constexpr ActionWords kDelayed = {
      "delayed", "Delivery of your mail is delayed",
      "Your message has not been delivered yet to the recipients listed below.\r\n"
      "We keep trying; you do not have to send it again.\r\n",
      "You will be told if it cannot be delivered in the end.\r\n"};
  static constexpr ActionWords kRelayed = {
      "relayed", "Your mail was handed on",
      "Your message was handed to the mail server of the recipients listed\r\n"
      "below. That server does not confirm delivery, so this is the last we can\r\n"
      "tell you about it.\r\n",
      "You do not have to do anything.\r\n"};
  switch (action) {
    case DsnAction::delayed:
      return kDelayed;
    case DsnAction::relayed:
      return kRelayed;
    case DsnAction::failed:
      break;
  }
  return kFailed;
}

// RFC 3463 §2: class 2, 4 or 5, then two numbers of up to three digits.
bool is_status(std::string_view text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return false;
  const std::size_t dot = text.find('.', 2);
  if (dot == std::string_view::npos || dot == 2 || dot > 5 || dot + 1 == text.size()) return false;
  const std::string_view detail = text.substr(dot + 1);
  return detail.size() <= 3 &&
         text.substr(2, dot - 2).find_first_not_of("0123456789") == std::string_view::npos &&
         detail.find_first_not_of("0123456789") == std::string_view::npos;
}

// The given status, or the general one of its class.
std::string status_of(const DsnRecipient& recipient) {
  if (is_status(recipient.status)) return recipient.status;
  if (recipient.action == DsnAction::relayed) return "2.0.0";
  return recipient.action == DsnAction::delayed ? "4.0.0" : "5.0.0";
}

// What was said, with its codes: "550 5.1.1 no such user".
std::string diagnostic_of(const DsnRecipient& recipient) {
  std::string out;
  if (recipient.code != 0) out = std::to_string(recipient.code) + " " + status_of(recipient) + " ";
  return out + printable_ascii(recipient.text, 512);
}

// In a message/global-delivery-status only "+", "=" and "\\" are escaped. RFC 6533 §3, utf-8-addr-unitext.
std::string unitext(std::string_view text) {
  static constexpr std::string_view kPlain = "+=\\";
  static constexpr std::string_view kEscaped[] = {"\\x{2B}", "\\x{3D}", "\\x{5C}"};
  std::string out;
  for (const char c : text) {
    const auto at = kPlain.find(c);
    out += at == std::string_view::npos ? std::string_view(&c, 1) : kEscaped[at];
  }
  return out;
}

// "rfc822;user@example.org"; where that is not ASCII "utf-8;...", with RFC 6533's escapes in a report that
// has to be ASCII itself. RFC 3464 §2.3.2.
std::string typed_address(const Path& path, bool global) {
  const std::string text = path.text();
  if (is_ascii(text)) return "rfc822;" + text;
  return "utf-8;" + (global ? unitext(text) : to_utf8_escapes(text));
}

// RFC 3464 §2.3.1 and RFC 3461 §6.3: ORCPT, with its xtext undone.
std::string original_address(std::string_view orcpt) {
  const std::size_t semicolon = orcpt.find(';');
  if (semicolon == std::string_view::npos) return {};
  const std::string address = from_xtext(orcpt.substr(semicolon + 1));
  const std::string shown = is_ascii(address) ? address : to_utf8_escapes(address);
  return printable_ascii(orcpt.substr(0, semicolon), 32) + ";" + printable_ascii(shown, 800);
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += kEnd;
}

// `text` in lines of about 72 characters, each with four spaces in front.
void add_wrapped(std::string& out, std::string_view text) {
  constexpr std::size_t kWidth = 68;
  while (!text.empty()) {
    std::size_t cut = text.size();
    if (cut > kWidth) {
      cut = text.rfind(' ', kWidth);
      if (cut == std::string_view::npos || cut == 0) cut = std::min(text.size(), kWidth);
    }
    out += "    ";
    out += text.substr(0, cut);
    out += kEnd;
    text.remove_prefix(cut);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
}

class Builder {
 public:
  Builder(const DsnFacts& facts, std::vector<const DsnRecipient*> reported)
      : facts_(facts), envelope_(*facts.envelope), reported_(std::move(reported)) {}

  Dsn build() {
    choose_original();
    dsn_.smtputf8 = !is_ascii(envelope_.sender.text());
    header();
    human_part();
    status_part();
    original_part();
    dsn_.message += "--" + boundary() + "--\r\n";
    return std::move(dsn_);
  }

 private:
  std::string boundary() const { return "=_" + std::string(facts_.boundary); }
  // The gravest: it names the report.
  DsnAction first_action() const {
    return (*std::min_element(reported_.begin(), reported_.end(),
                              [](auto* a, auto* b) { return a->action < b->action; }))
        ->action;
  }
  const Path& path_of(const DsnRecipient& recipient) const {
    return envelope_.recipients[recipient.recipient].path;
  }

  // What a report about internationalised mail is made of. RFC 6533 §4, §6.
  std::string_view status_type() const { return global_ ? "global-delivery-status" : "delivery-status"; }
  std::string_view encoding() const { return global_ ? "8bit" : "7bit"; }

  // RFC 3461 §4.3 and §6.2: RET speaks about failures; other reports never carry the whole message.
  void choose_original() {
    const std::string_view original = as_text(facts_.original);
    const bool failed = first_action() == DsnAction::failed;
    whole_ = failed && envelope_.ret == Return::full && facts_.original_complete &&
             original.size() <= facts_.full_limit && is_eight_bit_text(original);
    global_ = envelope_.smtputf8;
    dsn_.eight_bit = global_ || (whole_ && !is_seven_bit_text(original));
  }

  void part(std::string_view type, std::string_view description, std::string_view encoding) {
    dsn_.message += "--" + boundary() + "\r\n";
    add_field(dsn_.message, "Content-Type", type);
    add_field(dsn_.message, "Content-Description", description);
    add_field(dsn_.message, "Content-Transfer-Encoding", encoding);
    dsn_.message += kEnd;
  }

  void header() {
    const std::string host(facts_.host_name);
    std::string& out = dsn_.message;
    add_field(out, "From", "Mail Delivery System <MAILER-DAEMON@" + host + ">");
    add_field(out, "To", "<" + envelope_.sender.text() + ">");
    add_field(out, "Subject", words_for(first_action()).subject);
    add_field(out, "Date", rfc5322_date(facts_.now));
    add_field(out, "Message-ID", "<" + std::string(facts_.boundary) + "@" + host + ">");
    add_field(out, "Auto-Submitted", "auto-replied");  // RFC 3834 §5
    add_field(out, "MIME-Version", "1.0");
    // RFC 6522 §3.
    add_field(out, "Content-Type",
              "multipart/report; report-type=" + std::string(status_type()) + ";\r\n\tboundary=\"" +
                  boundary() + "\"");
    if (dsn_.eight_bit) add_field(out, "Content-Transfer-Encoding", "8bit");
    out += kEnd;
  }

  void human_part() {
    part(global_ ? "text/plain; charset=utf-8" : "text/plain; charset=us-ascii", "What happened", encoding());
    std::string& out = dsn_.message;
    out += "This is the mail gateway " + std::string(facts_.host_name) + ".\r\n";
    for (const DsnAction action : {DsnAction::failed, DsnAction::delayed, DsnAction::relayed}) {
      if (std::any_of(reported_.begin(), reported_.end(), [&](auto* one) { return one->action == action; })) {
        human_action(action);
      }
    }
    out += kEnd;
  }

  void human_action(DsnAction action) {
    std::string& out = dsn_.message;
    out += kEnd;
    out += words_for(action).opening;
    for (const DsnRecipient* recipient : reported_) {
      if (recipient->action == action) human_recipient(*recipient);
    }
    out += kEnd;
    out += words_for(action).closing;
    if (action == DsnAction::delayed && facts_.retry_until != WallTime{}) {
      out += "We try until " + rfc5322_date(facts_.retry_until) + ".\r\n";
    }
  }

  void human_recipient(const DsnRecipient& recipient) {
    const std::string address = path_of(recipient).text();
    std::string& out = dsn_.message;
    out += "\r\n<" + (global_ || is_ascii(address) ? address : to_utf8_escapes(address)) + ">\r\n";
    const std::string host = printable_ascii(recipient.host, 255);
    add_wrapped(out, host.empty() ? "This gateway says:" : host + " said:");
    add_wrapped(out, diagnostic_of(recipient));
  }

  // RFC 3464 §2.2.
  void status_part() {
    part("message/" + std::string(status_type()), "Delivery report", encoding());
    std::string& out = dsn_.message;
    if (!envelope_.envelope_id.empty()) {
      add_field(out, "Original-Envelope-Id", printable_ascii(from_xtext(envelope_.envelope_id), 200));
    }
    add_field(out, "Reporting-MTA", "dns;" + std::string(facts_.host_name));
    add_field(out, "Arrival-Date", rfc5322_date(envelope_.arrival));
    for (const DsnRecipient* recipient : reported_) recipient_fields(*recipient);
    out += kEnd;
  }

  // RFC 3464 §2.3.
  void recipient_fields(const DsnRecipient& recipient) {
    std::string& out = dsn_.message;
    out += kEnd;
    const std::string original = original_address(envelope_.recipients[recipient.recipient].original);
    if (!original.empty()) add_field(out, "Original-Recipient", original);
    add_field(out, "Final-Recipient", typed_address(path_of(recipient), global_));
    add_field(out, "Action", words_for(recipient.action).name);
    add_field(out, "Status", status_of(recipient));
    if (!recipient.host.empty()) add_field(out, "Remote-MTA", "dns;" + printable_ascii(recipient.host, 255));
    // RFC 3464 §2.3.6: the words of a server, not ours.
    if (recipient.code != 0) add_field(out, "Diagnostic-Code", "smtp;" + diagnostic_of(recipient));
    if (recipient.action == DsnAction::delayed && facts_.retry_until != WallTime{}) {
      add_field(out, "Will-Retry-Until", rfc5322_date(facts_.retry_until));
    }
  }

  void original_part() {
    std::string_view original = as_text(facts_.original);
    if (whole_) {
      part(global_ ? "message/global" : "message/rfc822", "Your message", dsn_.eight_bit ? "8bit" : "7bit");
      add_text(original);
      return;
    }
    original = header_section(original).substr(0, kHeadersMax);
    if (global_ && is_eight_bit_text(original)) {
      part("message/global-headers", "Header of your message", "8bit");
      add_text(original);
      return;
    }
    if (is_seven_bit_text(original)) {
      part("text/rfc822-headers", "Header of your message", "7bit");
      add_text(original);
      return;
    }
    // RFC 6522 §4: a header that is not 7-bit text travels quoted-printable.
    part("text/rfc822-headers; charset=utf-8", "Header of your message", "quoted-printable");
    add_text(quoted_printable(original));
  }

  void add_text(std::string_view text) {
    dsn_.message += text;
    if (!text.ends_with(kEnd)) dsn_.message += kEnd;
    dsn_.message += kEnd;
  }

  const DsnFacts& facts_;
  const Envelope& envelope_;
  std::vector<const DsnRecipient*> reported_;
  bool whole_ = false;
  bool global_ = false;  // the original asked for SMTPUTF8
  Dsn dsn_;
};

}  // namespace

bool may_bounce(const Envelope& envelope) {
  return !envelope.sender.is_null();
}

bool wants_dsn(const Envelope& envelope, std::uint32_t recipient, DsnAction action) {
  if (!may_bounce(envelope) || recipient >= envelope.recipients.size()) return false;
  const std::uint8_t notify = envelope.recipients[recipient].notify;
  if ((notify & kNotifyNever) != 0) return false;
  switch (action) {
    case DsnAction::failed:
      return notify == kNotifyDefault || (notify & kNotifyFailure) != 0;
    case DsnAction::delayed:
      return notify == kNotifyDefault || (notify & kNotifyDelay) != 0;
    case DsnAction::relayed:
      return (notify & kNotifySuccess) != 0;
  }
  return false;
}

Dsn build_dsn(const DsnFacts& facts) {
  std::vector<const DsnRecipient*> reported;
  for (const DsnRecipient& recipient : facts.recipients) {
    if (wants_dsn(*facts.envelope, recipient.recipient, recipient.action)) reported.push_back(&recipient);
  }
  if (reported.empty()) return {};
  return Builder(facts, std::move(reported)).build();
}

Envelope dsn_envelope(const Envelope& original, const Dsn& dsn, WallTime now) {
  Envelope envelope;  // the sender stays null: RFC 3464 §2
  Recipient recipient;
  recipient.path = original.sender;
  recipient.notify = kNotifyNever;  // RFC 5321 §6.1: a report about a report goes nowhere
  envelope.recipients.push_back(std::move(recipient));
  envelope.body = dsn.eight_bit ? Body::eight_bit_mime : Body::seven_bit;
  envelope.smtputf8 = dsn.smtputf8;
  envelope.esmtp = true;
  envelope.declared_size = dsn.message.size();
  envelope.arrival = now;
  return envelope;
}

}  // namespace postern::mail
