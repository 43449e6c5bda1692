// Random words for people and programs: see the header.
#include "firmware/control/admin/people/secrets.hpp"

#include <sodium.h>

#include <array>
#include <cctype>

namespace postern::admin {

namespace {

// Without 0, 1, i, l, o and u.
constexpr std::string_view kLetters = "23456789abcdefghjkmnpqrstvwxyz";

template <std::size_t N>
std::string base64url(const std::array<unsigned char, N>& bytes) {
  std::array<char, sodium_base64_ENCODED_LEN(N, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

template <std::size_t N>
std::string random_text() {
  std::array<unsigned char, N> bytes{};
  ::randombytes_buf(bytes.data(), bytes.size());
  return base64url(bytes);
}

}  // namespace

std::string make_secret() {
  return random_text<32>();
}

std::string make_id() {
  return random_text<12>();
}

std::string make_words(std::size_t groups) {
  std::string words;
  for (std::size_t i = 0; i < 4 * groups; ++i) {
    if (i != 0 && i % 4 == 0) words.push_back('-');
    words.push_back(kLetters[::randombytes_uniform(static_cast<std::uint32_t>(kLetters.size()))]);
  }
  return words;
}

std::string plain_words(std::string_view typed) {
  std::string words;
  for (const char c : typed) {
    const auto small = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (c == '-' || c == ' ') continue;
    if (!words.empty() && (words.size() + 1) % 5 == 0) words.push_back('-');
    words.push_back(small);
  }
  return words;
}

std::string hash_of(std::string_view secret) {
  std::array<unsigned char, 32> digest{};
  ::crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(secret.data()),
                       secret.size(), nullptr, 0);
  std::array<char, 65> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return text.data();
}

}  // namespace postern::admin
