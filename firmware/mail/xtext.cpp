#include "firmware/mail/xtext.hpp"

#include <algorithm>

#include "firmware/mail/text.hpp"

namespace postern::mail {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

// RFC 3461 §4: only capital hexadecimal digits.
int hex_value(char c) {
  const std::size_t at = kHex.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool is_xchar(char c) {
  return c >= '!' && c <= '~' && c != '+' && c != '=';
}

}  // namespace

bool is_xtext(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_xchar(text[i])) continue;
    if (text[i] != '+' || i + 2 >= text.size()) return false;
    if (hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

std::string from_xtext(std::string_view text) {
  if (!is_xtext(text)) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '+') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

std::string to_xtext(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    if (is_xchar(c)) {
      out += c;
      continue;
    }
    const auto value = static_cast<unsigned char>(c);
    out += '+';
    out += kHex[value >> 4];
    out += kHex[value & 15];
  }
  return out;
}

bool is_original_recipient(std::string_view text, bool utf8) {
  const std::size_t semicolon = text.find(';');
  if (semicolon == 0 || semicolon >= text.size() - 1 || text.empty()) return false;
  const std::string_view type = text.substr(0, semicolon);
  const std::string_view address = text.substr(semicolon + 1);
  if (!std::all_of(type.begin(), type.end(), [](char c) { return ascii_alnum(c) || c == '-'; })) return false;
  if (is_xtext(address)) return true;
  // RFC 6533 §3: with SMTPUTF8 a utf-8 address may stand as it is.
  if (!utf8 || !equals_ignoring_case(type, "utf-8") || !is_utf8(address)) return false;
  return std::all_of(address.begin(), address.end(), [](char c) { return non_ascii(c) || is_xchar(c); });
}

std::string to_utf8_escapes(std::string_view address) {
  std::string out;
  while (!address.empty()) {
    const long value = take_utf8(address);
    if (value > 0x20 && value < 0x7F && value != '\\') {
      out += static_cast<char>(value);
      continue;
    }
    const long shown = value < 0 ? 0xFFFD : value;
    out += "\\x{";
    // RFC 6533 §3: at least two digits, no leading zeros beyond that.
    for (int shift = 20; shift >= 0; shift -= 4) {
      if (shown >> shift != 0 || shift <= 4) out += kHex[static_cast<std::size_t>(shown >> shift) & 15];
    }
    out += '}';
  }
  return out;
}

}  // namespace postern::mail
