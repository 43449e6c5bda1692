// See match.hpp.
#include "firmware/policy/sts/match.hpp"

#include <algorithm>

#include "firmware/mail/domain.hpp"

namespace postern::policy {
namespace {

std::string_view without_final_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same(std::string_view a, std::string_view b) {
  if (a.size() == b.size() &&
      std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); })) {
    return true;
  }
  return (!is_ascii(a) || !is_ascii(b)) && mail::same_domain(a, b);
}

// No top-level domain is a number (RFC 3696 §2), so such a name can only be meant as an address.
bool looks_like_address(std::string_view name) {
  const auto last = name.substr(name.rfind('.') + 1);
  return std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<std::string> sts_pattern(std::string_view text) {
  text = without_final_dot(text);
  const auto name = text.starts_with("*.") ? text.substr(2) : text;
  // RFC 8461 §3.2: U-labels are written as A-labels.
  if (!mail::is_domain(name, false)) return fail("an mx is not a domain name");
  if (looks_like_address(name)) return fail("an mx is an address, not a name");
  std::string pattern(text);
  std::transform(pattern.begin(), pattern.end(), pattern.begin(), lower);
  return pattern;
}

bool sts_matches(std::string_view pattern, std::string_view host) {
  pattern = without_final_dot(pattern);
  host = without_final_dot(host);
  if (pattern.empty() || host.empty()) return false;
  if (!pattern.starts_with("*.")) return pattern.find('*') == std::string_view::npos && same(pattern, host);
  // RFC 8461 §4.1: the wildcard is the whole leftmost label and stands for exactly one.
  const auto rest = pattern.substr(2);
  const auto dot = host.find('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  return !rest.empty() && rest.find('*') == std::string_view::npos && same(rest, host.substr(dot + 1));
}

bool sts_lists(std::span<const std::string> patterns, std::string_view host) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return sts_matches(pattern, host); });
}

}  // namespace postern::policy
