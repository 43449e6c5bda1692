// Domain names and address literals as they stand in SMTP. RFC 5321 §4.1.2 and §4.1.3, RFC 5890 §2.3.2.
#pragma once

#include <string>
#include <string_view>

namespace postern::mail {

// A domain by its syntax: labels of letters, digits and hyphens (with `utf8` also U-labels, RFC 6531 §3.3),
// at most 63 octets each and 255 together (RFC 1035 §2.3.4).
bool is_domain(std::string_view text, bool utf8);

// "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3).
bool is_address_literal(std::string_view text);

// The name with every U-label as its A-label ("xn--..."), lower case; empty where that cannot be. The name is
// expected in the form it is registered in: characters outside ASCII are not mapped (RFC 5891 §5.3 leaves
// that to whoever entered them).
std::string to_a_labels(std::string_view domain);

// Equal as DNS sees them: without case, and U-labels equal to their A-labels.
bool same_domain(std::string_view left, std::string_view right);

}  // namespace postern::mail
