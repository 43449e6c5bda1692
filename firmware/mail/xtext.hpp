// xtext, the way DSN parameters carry odd octets, and ORCPT addresses. RFC 3461 §4 and §4.2, RFC 6533 §3.
#pragma once

#include <string>
#include <string_view>

namespace postern::mail {

// Well-formed xtext: printable ASCII without '+' and '=', and "+HH" with capital digits.
bool is_xtext(std::string_view text);
// The octets xtext stands for; malformed text is returned as it is.
std::string from_xtext(std::string_view text);
std::string to_xtext(std::string_view octets);

// "type;address" as ORCPT carries it: an atom, a semicolon, then xtext; with `utf8` and type "utf-8" also raw
// UTF-8.
bool is_original_recipient(std::string_view text, bool utf8);

// An address with every character outside printable ASCII as \x{HEX} (RFC 6533 §3, utf-8-addr-xtext before
// its xtext step).
std::string to_utf8_escapes(std::string_view address);

}  // namespace postern::mail
