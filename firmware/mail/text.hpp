// Small words about text that several mail formats share: ASCII case, UTF-8, and making foreign text safe to
// show.
//
// Nothing here knows a locale. Case is ASCII case: domains are compared so (RFC 5321 §2.4, RFC 4343).
#pragma once

#include <string>
#include <string_view>

namespace postern::mail {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool ascii_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool ascii_alnum(char c) {
  return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}
constexpr bool non_ascii(char c) {
  return (static_cast<unsigned char>(c) & 0x80) != 0;
}

std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);
bool is_ascii(std::string_view text);

// Reads one character of UTF-8 from the front of `text` and removes it; -1 where it is malformed, overlong, a
// surrogate or above U+10FFFF (RFC 3629 §3), and then one byte is removed.
long take_utf8(std::string_view& text);
bool is_utf8(std::string_view text);

// One line of foreign text made safe for a log line or a reply: control characters become spaces, malformed
// UTF-8 becomes '?', and what is longer than `limit` bytes is cut (never inside a character).
std::string printable(std::string_view text, std::size_t limit = 512);
// The same, and everything outside ASCII becomes '?'.
std::string printable_ascii(std::string_view text, std::size_t limit = 512);

}  // namespace postern::mail
