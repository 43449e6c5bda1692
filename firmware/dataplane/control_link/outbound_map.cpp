#include "firmware/dataplane/control_link/outbound_map.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "firmware/ipc/settings_value.hpp"
#include "firmware/mail/domain.hpp"

namespace postern::dataplane {
namespace {

using policy::Insist;
using policy::Override;

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
const T* find(const std::array<Word<T>, N>& words, std::string_view text) {
  for (const auto& word : words) {
    if (word.text == text) return &word.value;
  }
  return nullptr;
}

bool read_number(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// The first instant after the day.
Result<WallTime> end_of_day(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                      read_number(text.substr(0, 4), year) && read_number(text.substr(5, 2), month) &&
                      read_number(text.substr(8, 2), day);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!shaped || !date.ok()) return fail("no date");
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + std::chrono::days(1));
}

Fault wrong(std::string_view name, std::string_view element, std::string_view what) {
  return {std::string(name) + " holds \"" + std::string(element) + "\": " + std::string(what)};
}

}  // namespace

Result<std::pair<std::string, Override>, Fault> read_override(std::string_view text) {
  const auto bad = [whole = text](std::string_view what) {
    return tl::unexpected(wrong("outbound.overrides", whole, what));
  };
  auto domain = take_word(text);
  const bool below = domain.starts_with('.');
  if (below) domain.remove_prefix(1);
  const auto name = mail::to_a_labels(domain);
  if (name.empty()) return bad("the first word has to be a domain");
  const auto* kind = find(kKinds, take_word(text));
  if (kind == nullptr) return bad("the second word has to be at-least or instead");
  const auto* demand = find(kDemands, take_word(text));
  if (demand == nullptr) {
    return bad("the third word has to be plaintext, opportunistic, mandatory, pkix, dane or dane+pkix");
  }
  if (*kind == Override::Kind::at_least && *demand < Insist::mandatory) {
    return bad("less than TLS can only be demanded instead of what the domain promises");
  }
  const auto expires = end_of_day(take_word(text));
  if (!expires) return bad("the fourth word has to be a date such as 2027-01-31: every rule ends");
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.empty()) return bad("there has to be a reason behind the date");
  return std::pair{(below ? "." : "") + name, Override{*kind, *demand, *expires, std::string(text)}};
}

Result<User, Fault> read_user(std::string_view text) {
  const auto whole = text;
  const auto name = take_word(text);
  const auto hash = take_word(text);
  if (name.empty() || !hash.starts_with("$argon2id$") || !take_word(text).empty()) {
    // Not the whole of it: it may be a password somebody wrote there.
    return tl::unexpected(wrong("submission.users", name.empty() ? whole : name,
                                "it has to be a name, a space, and what 'postern password' prints"));
  }
  return User{std::string(name), std::string(hash)};
}

std::map<std::string, std::string, std::less<>> read_users(const ipc::SettingsView& view) {
  std::map<std::string, std::string, std::less<>> users;
  for (const auto text : view.list("submission.users")) {
    if (auto user = read_user(text)) users.insert_or_assign(std::move(user->name), std::move(user->hash));
  }
  return users;
}

Result<void, Fault> map_outbound(const ipc::SettingsView& view, shard::Settings& settings) {
  auto& outbound = settings.outbound;
  outbound.via_office = view.text("outbound.via") == "office";
  const auto* least = find(kDemands, view.text("outbound.at_least"));
  outbound.policy.at_least = least == nullptr ? Insist::opportunistic : *least;
  for (const auto text : view.list("outbound.overrides")) {
    auto rule = read_override(text);
    if (!rule) return tl::unexpected(rule.error());
    outbound.overrides.push_back(std::move(*rule));
  }
  auto& submission = settings.submission;
  submission.networks = view.prefixes("submission.networks");
  submission.ports = view.ports("submission.ports");
  settings.signing.canonical =
      view.text("dkim.canonicalization") == "simple" ? dkim::Canonical::simple : dkim::Canonical::relaxed;
  settings.signing.lifetime = view.duration("dkim.lifetime");
  for (const auto text : view.list("submission.users")) {
    if (auto user = read_user(text); !user) return tl::unexpected(user.error());
    submission.logins = true;
  }
  return {};
}

}  // namespace postern::dataplane
