// Quoted-printable, for text that has to travel as 7-bit lines of bounded length. RFC 2045 §6.7.
#pragma once

#include <string>
#include <string_view>

namespace postern::mail {

// `text` has lines ending in LF or CRLF; the result's lines end in CRLF and have at most 76 characters.
std::string quoted_printable(std::string_view text);

// Everything is 7-bit, without NUL and bare CR or LF, and no line has more than 998 characters: fit for 7bit.
bool is_seven_bit_text(std::string_view text);
// The same, but bytes outside ASCII are allowed: fit for 8bit (RFC 6152).
bool is_eight_bit_text(std::string_view text);

}  // namespace postern::mail
