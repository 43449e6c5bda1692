// One-time codes: see the header.
#include "firmware/control/admin/people/totp.hpp"

#include <sodium.h>

#include <array>
#include <vector>

#include "firmware/control/admin/people/sha1.hpp"

namespace postern::admin {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
}

}  // namespace

std::string hotp(Bytes secret, std::uint64_t counter, int digits) {
  std::array<std::uint8_t, 8> message{};
  for (int i = 0; i < 8; ++i)
    message[static_cast<std::size_t>(7 - i)] = static_cast<std::uint8_t>(counter >> (8 * i));
  const auto mac = hmac_sha1(secret, message);
  const std::size_t offset = mac[19] & 0x0f;  // RFC 4226 §5.3
  const std::uint32_t cut = (static_cast<std::uint32_t>(mac[offset] & 0x7f) << 24) |
                            (static_cast<std::uint32_t>(mac[offset + 1]) << 16) |
                            (static_cast<std::uint32_t>(mac[offset + 2]) << 8) | mac[offset + 3];
  std::uint64_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  auto text = std::to_string(cut % modulus);
  return std::string(static_cast<std::size_t>(digits) - text.size(), '0') + text;
}

std::optional<std::int64_t> matching_step(Bytes secret, std::string_view code, std::int64_t wall_seconds,
                                          std::int64_t last_used) {
  const std::int64_t now = wall_seconds / kStepSeconds;
  std::optional<std::int64_t> found;
  for (const std::int64_t step : {now - 1, now, now + 1}) {
    const auto right = hotp(secret, static_cast<std::uint64_t>(step));
    const bool same =
        code.size() == right.size() && sodium_memcmp(code.data(), right.data(), right.size()) == 0;
    if (same && step > last_used) found = step;
  }
  return found;
}

std::string base32(Bytes bytes) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(kAlphabet[(held >> (bits - 5)) & 31]);
  }
  if (bits > 0) out.push_back(kAlphabet[(held << (5 - bits)) & 31]);
  return out;
}

std::optional<std::string> base32_decoded(std::string_view text) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 5) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>((held >> bits) & 0xff));
  }
  return out;
}

std::string totp_uri(std::string_view box, std::string_view user, std::string_view secret_base32) {
  std::string uri = "otpauth://totp/";
  append_escaped(uri, box);
  uri += "%3A";
  append_escaped(uri, user);
  uri.append("?secret=").append(secret_base32).append("&issuer=");
  append_escaped(uri, box);
  return uri + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace postern::admin
