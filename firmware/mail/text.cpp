#include "firmware/mail/text.hpp"

#include <algorithm>

namespace postern::mail {

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower(c);
  return lower;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), non_ascii);
}

namespace {

// How many bytes a character takes by its first byte, the bits of that byte, and the smallest value allowed.
struct Lead {
  std::size_t length;
  long bits;
  long smallest;
};

Lead lead_of(unsigned char first) {
  if (first < 0x80) return {1, first, 0};
  if ((first & 0xE0) == 0xC0) return {2, first & 0x1F, 0x80};
  if ((first & 0xF0) == 0xE0) return {3, first & 0x0F, 0x800};
  if ((first & 0xF8) == 0xF0) return {4, first & 0x07, 0x10000};
  return {0, 0, 0};
}

}  // namespace

long take_utf8(std::string_view& text) {
  const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
  long value = lead.bits;
  bool good = lead.length != 0 && lead.length <= text.size();
  for (std::size_t i = 1; good && i < lead.length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    good = (next & 0xC0) == 0x80;
    value = (value << 6) | (next & 0x3F);
  }
  // RFC 3629 §3: no overlong forms, no surrogates, nothing above U+10FFFF.
  good = good && value >= lead.smallest && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  text.remove_prefix(good ? lead.length : 1);
  return good ? value : -1;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (take_utf8(text) < 0) return false;
  }
  return true;
}

namespace {

bool is_control(long value) {
  return value < 0x20 || (value >= 0x7F && value < 0xA0);
}

std::string cleaned(std::string_view text, std::size_t limit, bool ascii_only) {
  std::string clean;
  clean.reserve(std::min(text.size(), limit));
  while (!text.empty()) {
    const std::string_view before = text;
    const long value = take_utf8(text);
    const std::string_view character = before.substr(0, before.size() - text.size());
    if (clean.size() + character.size() > limit) break;
    if (value < 0 || (ascii_only && value > 0x7E && !is_control(value))) {
      clean += '?';
    } else if (is_control(value)) {
      clean += ' ';
    } else {
      clean += character;
    }
  }
  return clean;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  return cleaned(text, limit, false);
}
std::string printable_ascii(std::string_view text, std::size_t limit) {
  return cleaned(text, limit, true);
}

}  // namespace postern::mail
