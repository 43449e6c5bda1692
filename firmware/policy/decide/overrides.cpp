// See overrides.hpp.
#include "firmware/policy/decide/overrides.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "firmware/mail/domain.hpp"

namespace postern::policy {
namespace {

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

template <typename T>
struct Word {
  std::string_view text;
  T value;
};

constexpr auto kKinds = std::to_array<Word<Override::Kind>>(
    {{"at-least", Override::Kind::at_least}, {"instead", Override::Kind::instead}});
constexpr auto kDemands = std::to_array<Word<Insist>>({{"plaintext", Insist::plaintext},
                                                       {"opportunistic", Insist::opportunistic},
                                                       {"mandatory", Insist::mandatory},
                                                       {"pkix", Insist::pkix},
                                                       {"dane", Insist::dane},
                                                       {"dane+pkix", Insist::dane_and_pkix}});

template <typename T, std::size_t N>
std::optional<T> find(const std::array<Word<T>, N>& words, std::string_view text) {
  for (const auto& word : words) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

bool read_number(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// The first instant after the day.
std::optional<WallTime> end_of_day(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                      read_number(text.substr(0, 4), year) && read_number(text.substr(5, 2), month) &&
                      read_number(text.substr(8, 2), day);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // A WallTime ends in the year 2262.
  if (!shaped || !date.ok() || year < 1970 || year > 2250) return std::nullopt;
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + std::chrono::days(1));
}

}  // namespace

Result<OverrideRule, Fault> read_override(std::string_view line) {
  auto domain = take_word(line);
  const bool below = domain.starts_with('.');
  if (below) domain.remove_prefix(1);
  const auto name = mail::to_a_labels(domain);
  if (name.empty()) return fault("the first word has to be a domain");
  const auto kind = find(kKinds, take_word(line));
  if (!kind) return fault("the second word has to be at-least or instead");
  const auto demand = read_demand(take_word(line));
  if (!demand) {
    return fault("the third word has to be plaintext, opportunistic, mandatory, pkix, dane or dane+pkix");
  }
  if (*kind == Override::Kind::at_least && *demand < Insist::mandatory) {
    return fault("less than TLS can only be demanded instead of what the domain promises");
  }
  const auto expires = end_of_day(take_word(line));
  if (!expires) return fault("the fourth word has to be a date such as 2027-01-31: every rule ends");
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (line.empty()) return fault("there has to be a reason behind the date");
  return OverrideRule{(below ? "." : "") + name, Override{*kind, *demand, *expires, std::string(line)}};
}

std::optional<Insist> read_demand(std::string_view word) {
  return find(kDemands, word);
}

std::string_view word_of(Override::Kind kind) {
  return kind == Override::Kind::at_least ? "at-least" : "instead";
}

const OverrideRule* override_for(const std::vector<OverrideRule>& rules, std::string_view domain) {
  const OverrideRule* best = nullptr;
  for (const auto& rule : rules) {
    const auto& name = rule.first;
    const bool below = name.starts_with('.') && domain.ends_with(name);
    if ((below || name == domain) && (best == nullptr || name.size() >= best->first.size())) best = &rule;
  }
  return best;
}

}  // namespace postern::policy
