#include "firmware/dataplane/control_link/outbound_map.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "firmware/ipc/settings_value.hpp"
#include "firmware/policy/decide/overrides.hpp"

namespace postern::dataplane {
namespace {

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

Fault wrong(std::string_view name, std::string_view element, std::string_view what) {
  return {std::string(name) + " holds \"" + std::string(element) + "\": " + std::string(what)};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// 64 hexadecimal digits, with colons or without.
bool read_sha256(std::string_view text, std::array<std::uint8_t, 32>& to) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == ':') continue;
    const int digit = hex_digit(c);
    if (digit < 0 || digits == 2 * to.size()) return false;
    auto& byte = to[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | digit);
    ++digits;
  }
  return digits == 2 * to.size();
}

// "NAME FINGERPRINT"
Result<shard::SubmissionSettings::ClientPin, Fault> read_pin(std::string_view text) {
  shard::SubmissionSettings::ClientPin pin;
  const auto whole = text;
  pin.user = take_word(text);
  if (pin.user.empty() || !read_sha256(take_word(text), pin.sha256) || !take_word(text).empty()) {
    return tl::unexpected(wrong("submission.client_pins", whole,
                                "it has to be a name, a space, and a SHA-256 in hexadecimal digits"));
  }
  return pin;
}

Result<void, Fault> map_submission(const ipc::SettingsView& view, shard::SubmissionSettings& submission) {
  submission.networks = view.prefixes("submission.networks");
  submission.ports = view.ports("submission.ports");
  for (const auto text : view.list("submission.users")) {
    if (auto user = read_user(text); !user) return tl::unexpected(user.error());
    submission.logins = true;
  }
  for (const auto name : view.list("submission.client_names")) submission.client_names.emplace_back(name);
  for (const auto text : view.list("submission.client_pins")) {
    auto pin = read_pin(text);
    if (!pin) return tl::unexpected(pin.error());
    submission.client_pins.push_back(std::move(*pin));
  }
  return {};
}

}  // namespace

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
  outbound.policy.at_least =
      policy::read_demand(view.text("outbound.at_least")).value_or(policy::Insist::opportunistic);
  for (const auto text : view.list("outbound.overrides")) {
    auto rule = policy::read_override(text);
    if (!rule) return tl::unexpected(wrong("outbound.overrides", text, rule.error().reason));
    outbound.overrides.push_back(std::move(*rule));
  }
  settings.signing.canonical =
      view.text("dkim.canonicalization") == "simple" ? dkim::Canonical::simple : dkim::Canonical::relaxed;
  settings.signing.lifetime = view.duration("dkim.lifetime");
  return map_submission(view, settings.submission);
}

}  // namespace postern::dataplane
