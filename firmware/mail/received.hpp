// The trace line we put in front of every message. RFC 5321 §4.4, RFC 3848, RFC 6531 §4.3.
#pragma once

#include <string>
#include <string_view>

#include "firmware/mail/envelope.hpp"

namespace postern::mail {

// A complete Received field, folded, ending in CRLF. Whatever the client said about itself is shown only as
// far as it is harmless: nothing in the result but printable characters and the folds.
// `hide_client`: without the client's name and address, for people's own devices; RFC 5322 §3.6.7 leaves it
// open.
std::string received_line(const Envelope& envelope, std::string_view host, std::string_view spool_id,
                          bool hide_client = false);

// "SMTP", "ESMTP", "ESMTPS", "ESMTPSA", "UTF8SMTP" ... (RFC 3848 §1, RFC 6531 §4.3).
std::string_view transport_name(const Envelope& envelope);

// "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3).
std::string address_literal(const wire::IpAddress& address);

}  // namespace postern::mail
