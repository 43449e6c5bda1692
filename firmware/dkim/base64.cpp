#include "firmware/dkim/base64.hpp"

namespace postern::dkim {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::string to_base64(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < here ? bytes[at + i] : 0u);
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= here ? kAlphabet[group >> (18 - 6 * i) & 0x3F] : '=';
    }
  }
  return out;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  int have = 0;
  int padding = 0;
  for (const char c : text) {
    if (is_white(c)) continue;
    const auto value = kAlphabet.find(c);
    if (c == '=' ? ++padding > 2 : (padding != 0 || value == std::string_view::npos)) return std::nullopt;
    group = group << 6 | (c == '=' ? 0u : static_cast<std::uint32_t>(value));
    if (++have < 4) continue;
    for (int i = 0; i < 3 - padding; ++i) out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * i)));
    group = 0;
    have = 0;
    if (padding != 0) padding = 3;  // nothing may follow
  }
  if (have != 0) return std::nullopt;
  return out;
}

}  // namespace postern::dkim
