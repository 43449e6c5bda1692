#include "firmware/mail/quoted_printable.hpp"

#include "firmware/mail/text.hpp"

namespace postern::mail {
namespace {

constexpr std::size_t kLineMax = 76;   // RFC 2045 §6.7 rule 5
constexpr std::size_t kTextMax = 998;  // RFC 5322 §2.1.1

// One line without its end.
void append_line(std::string& out, std::string_view line) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    // RFC 2045 §6.7 rule 3: white space at the end of a line is encoded.
    const bool blank = c == ' ' || c == '\t';
    const bool plain = blank ? !last : c > 0x20 && c < 0x7F && c != '=';
    const std::size_t width = plain ? 1 : 3;
    if (column + width > kLineMax - (last ? 0 : 1)) {
      out += "=\r\n";
      column = 0;
    }
    column += width;
    if (plain) {
      out += c;
      continue;
    }
    const auto value = static_cast<unsigned char>(c);
    out += '=';
    out += kHex[value >> 4];
    out += kHex[value & 15];
  }
}

bool is_text(std::string_view text, bool eight_bit) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
      length = 0;
      continue;
    }
    const bool allowed = c != '\r' && c != '\n' && c != '\0' && (eight_bit || !non_ascii(c));
    if (!allowed || ++length > kTextMax) return false;
  }
  return true;
}

}  // namespace

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (end != std::string_view::npos && !line.empty() && line.back() == '\r') line.remove_suffix(1);
    append_line(out, line);
    out += "\r\n";
  }
  return out;
}

bool is_seven_bit_text(std::string_view text) {
  return is_text(text, false);
}
bool is_eight_bit_text(std::string_view text) {
  return is_text(text, true);
}

}  // namespace postern::mail
