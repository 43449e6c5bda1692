#include "firmware/smtp/client/extensions.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "firmware/mail/text.hpp"

namespace postern::smtp {
namespace {

struct Flag {
  std::string_view keyword;
  bool Extensions::*offered;
};

constexpr auto kFlags = std::to_array<Flag>({
    {"PIPELINING", &Extensions::pipelining},
    {"CHUNKING", &Extensions::chunking},
    {"8BITMIME", &Extensions::eight_bit_mime},
    {"SMTPUTF8", &Extensions::smtputf8},
    {"DSN", &Extensions::dsn},
    {"STARTTLS", &Extensions::starttls},
    {"SIZE", &Extensions::size},
    {"REQUIRETLS", &Extensions::requiretls},
});

// The first word of `text`, which is removed.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// 0 where it is no number.
std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

void take_limit(std::string_view word, Extensions& extensions) {
  const std::size_t equals = std::min(word.find('='), word.size() - 1);
  const std::string_view name = word.substr(0, equals);
  const std::uint64_t value = number(word.substr(equals + 1));
  if (mail::equals_ignoring_case(name, "MAILMAX")) extensions.messages_limit = value;
  if (mail::equals_ignoring_case(name, "RCPTMAX")) extensions.recipients_limit = value;
}

void take_line(std::string_view line, Extensions& extensions) {
  const std::string_view keyword = take_word(line);
  for (const Flag& flag : kFlags) {
    if (mail::equals_ignoring_case(keyword, flag.keyword)) extensions.*flag.offered = true;
  }
  if (mail::equals_ignoring_case(keyword, "SIZE")) extensions.size_limit = number(take_word(line));
  if (!mail::equals_ignoring_case(keyword, "LIMITS")) return;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    take_limit(word, extensions);
  }
}

}  // namespace

Extensions parse_extensions(const std::vector<std::string>& lines) {
  Extensions extensions;
  for (std::size_t i = 1; i < lines.size(); ++i) take_line(lines[i], extensions);
  return extensions;
}

}  // namespace postern::smtp
