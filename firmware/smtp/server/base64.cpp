#include "firmware/smtp/server/base64.hpp"

#include <cstdint>

namespace postern::smtp {
namespace {

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

bool from_base64(std::string_view text, std::string& out) {
  out.clear();
  if (text == "=") return true;
  if (text.empty() || text.size() % 4 != 0) return false;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::uint32_t group = 0;
  const std::size_t digits = text.size() - padding;
  for (std::size_t i = 0; i < digits; ++i) {
    const int value = value_of(text[i]);
    if (value < 0) return false;
    group = group << 6 | static_cast<std::uint32_t>(value);
    if (i % 4 != 0) out += static_cast<char>(group >> (6 - 2 * (i % 4)) & 0xff);
  }
  // The bits that are left over have to be zero: one text, one spelling.
  return padding == 0 || (group & (padding == 1 ? 3u : 15u)) == 0;
}

void wipe(std::string& text) {
  volatile char* at = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) at[i] = 0;
  text.clear();
}

}  // namespace postern::smtp
