#include "firmware/control/reporter/report/transfer_encodings.hpp"

#include <algorithm>
#include <cstdint>

namespace postern::reporter {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string base64_lines(std::string_view bytes) {
  constexpr std::size_t kLine = 57;  // bytes that make 76 characters
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < here ? static_cast<std::uint8_t>(bytes[at + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) out += i <= here ? kAlphabet[group >> (18 - 6 * i) & 0x3F] : '=';
    if ((at + 3) % kLine == 0 || at + 3 >= bytes.size()) out += "\r\n";
  }
  return out;
}

std::string from_base64_lines(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) continue;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(group >> bits & 0xFF);
  }
  return out;
}

std::string from_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto rest = text.substr(i);
    if (rest.starts_with("=\r\n")) {
      i += 2;  // a soft line break
    } else if (rest.starts_with("=\n")) {
      i += 1;
    } else if (rest.size() > 2 && rest[0] == '=' && hex(rest[1]) >= 0 && hex(rest[2]) >= 0) {
      out += static_cast<char>(hex(rest[1]) * 16 + hex(rest[2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace postern::reporter
