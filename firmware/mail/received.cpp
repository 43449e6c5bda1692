#include "firmware/mail/received.hpp"

#include "firmware/mail/date.hpp"
#include "firmware/mail/domain.hpp"
#include "firmware/mail/text.hpp"

namespace postern::mail {
namespace {

// Text inside a comment: parentheses and backslashes would end or nest it (RFC 5322 §3.2.2).
std::string comment_text(std::string_view text, bool utf8) {
  std::string clean = utf8 ? printable(text, 128) : printable_ascii(text, 128);
  for (char& c : clean) {
    if (c == '(' || c == ')' || c == '\\') c = '?';
  }
  return clean;
}

// "from name ([192.0.2.1])": the name the client gave where it is one, else the literal, with the name as a
// comment.
std::string from_clause(const Envelope& envelope) {
  const std::string literal = address_literal(envelope.client);
  const bool name_fits = is_domain(envelope.helo, envelope.smtputf8) || is_address_literal(envelope.helo);
  if (name_fits) return "from " + envelope.helo + " (" + literal + ")";
  return "from " + literal + " (" + literal + " HELO " + comment_text(envelope.helo, envelope.smtputf8) + ")";
}

}  // namespace

std::string_view transport_name(const Envelope& envelope) {
  const bool tls = !envelope.tls_version.empty();
  if (!envelope.esmtp) return "SMTP";
  if (envelope.authenticated) {
    if (envelope.smtputf8) return tls ? "UTF8SMTPSA" : "UTF8SMTPA";
    return tls ? "ESMTPSA" : "ESMTPA";
  }
  if (envelope.smtputf8) return tls ? "UTF8SMTPS" : "UTF8SMTP";
  return tls ? "ESMTPS" : "ESMTP";
}

std::string address_literal(const wire::IpAddress& address) {
  return (address.is_v4() ? "[" : "[IPv6:") + address.text() + "]";
}

std::string received_line(const Envelope& envelope, std::string_view host, std::string_view spool_id,
                          bool hide_client) {
  std::string out = "Received: ";
  if (!hide_client) out += from_clause(envelope) + "\r\n\t";
  out += "by ";
  out += host;
  out += " (Postern) with ";
  out += transport_name(envelope);
  out += " id ";
  out += spool_id;
  if (!envelope.tls_version.empty()) {
    out += "\r\n\t(version=" + comment_text(envelope.tls_version, false);
    out += " cipher=" + comment_text(envelope.tls_cipher, false) + ")";
  }
  // RFC 5321 §7.2: naming one of several recipients would tell the others who got a blind copy.
  if (envelope.recipients.size() == 1) {
    out += "\r\n\tfor <" + envelope.recipients.front().path.text() + ">";
  }
  out += ";\r\n\t" + rfc5322_date(envelope.arrival) + "\r\n";
  return out;
}

}  // namespace postern::mail
