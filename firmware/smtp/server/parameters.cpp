#include "firmware/smtp/server/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "firmware/mail/text.hpp"

namespace postern::smtp {
namespace {

// Where the path that `text` begins with ends: the '>' outside quotes. npos where there is none.
std::size_t path_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '>' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

// RFC 5321 §4.1.2: esmtp-value; RFC 6531 §3.3 adds UTF-8.
bool is_value_char(char c) {
  return (c > 0x20 && c < 0x7F && c != '=') || mail::non_ascii(c);
}

}  // namespace

PathAndParameters split_path(std::string_view argument, std::string_view prefix) {
  if (!mail::equals_ignoring_case(argument.substr(0, prefix.size()), prefix)) return {};
  argument.remove_prefix(prefix.size());
  // RFC 5321 §3.3 wants no space here; clients that send one mean no harm.
  while (!argument.empty() && argument.front() == ' ') argument.remove_prefix(1);
  if (argument.empty() || argument.front() != '<') return {};
  const std::size_t end = path_end(argument);
  if (end == std::string_view::npos) return {};
  const std::string_view rest = argument.substr(end + 1);
  if (!rest.empty() && rest.front() != ' ') return {};
  return {true, argument.substr(1, end - 1), rest};
}

Refusal take_parameters(const Server::State& state, std::string_view text, std::span<const Parameter> known,
                        Command& command) {
  std::uint32_t seen = 0;  // a bit per row of `known`
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return Refusal::none;
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    const std::size_t equals = word.find('=');
    const std::string_view keyword = word.substr(0, equals);
    const bool has_value = equals != std::string_view::npos;
    const std::string_view value = has_value ? word.substr(equals + 1) : std::string_view{};
    if (has_value && (value.empty() || !std::all_of(value.begin(), value.end(), is_value_char))) {
      return Refusal::bad_parameter;
    }
    const auto row = std::find_if(known.begin(), known.end(), [keyword](const Parameter& parameter) {
      return mail::equals_ignoring_case(parameter.keyword, keyword);
    });
    // RFC 5321 §4.1.1.11; and a client that said HELO knows no extensions.
    if (row == known.end() || !state.esmtp) return Refusal::unknown_parameter;
    const std::uint32_t bit = 1U << (row - known.begin());
    if ((seen & bit) != 0) return Refusal::bad_parameter;
    seen |= bit;
    if (const Refusal refusal = row->take(state, value, command); refusal != Refusal::none) return refusal;
  }
}

bool parse_number(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

}  // namespace postern::smtp
