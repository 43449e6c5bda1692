// See policy.hpp.
#include "firmware/policy/sts/policy.hpp"

#include <algorithm>
#include <optional>

#include "firmware/policy/sts/match.hpp"
#include "firmware/policy/tag_list.hpp"

namespace postern::policy {
namespace {

struct Draft {
  bool version = false;
  std::optional<StsMode> mode;
  std::optional<std::uint32_t> max_age;
  std::vector<std::string> mx;
};

using Taken = Result<void>;

Taken take_version(Draft& draft, std::string_view value) {
  if (!draft.version && value != "STSv1") return fail("the version is not STSv1");
  draft.version = true;
  return {};
}

Taken take_mode(Draft& draft, std::string_view value) {
  if (draft.mode) return {};
  for (const auto mode : {StsMode::none, StsMode::testing, StsMode::enforce}) {
    if (value == name_of(mode)) draft.mode = mode;
  }
  return draft.mode ? Taken{} : fail("the mode is none of enforce, testing and none");
}

// 1*10(DIGIT)
Taken take_max_age(Draft& draft, std::string_view value) {
  if (draft.max_age) return {};
  const bool digits = std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (value.empty() || value.size() > 10 || !digits) return fail("max_age is not a number of seconds");
  std::uint64_t seconds = 0;
  for (const char c : value) seconds = seconds * 10 + static_cast<std::uint64_t>(c - '0');
  draft.max_age = static_cast<std::uint32_t>(std::min<std::uint64_t>(seconds, kMostMaxAge));
  return {};
}

Taken take_mx(Draft& draft, std::string_view value) {
  const auto pattern = sts_pattern(value);
  if (!pattern) return tl::unexpected(pattern.error());
  if (draft.mx.size() == kMostPatterns) return fail("the policy lists too many hosts");
  draft.mx.push_back(*pattern);
  return {};
}

struct Field {
  std::string_view name;
  Taken (*take)(Draft&, std::string_view);
};
constexpr Field kFields[] = {
    {"version", take_version}, {"mode", take_mode}, {"max_age", take_max_age}, {"mx", take_mx}};

// How long the UTF-8 sequence at the start is; 0 where it is none. RFC 3629 §4.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const auto tail = [&](std::size_t at) { return at < text.size() && (byte(at) & 0xc0) == 0x80; };
  const auto lead = byte(0);
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    return lead == 0xed && byte(1) > 0x9f ? 0 : 3;
  }
  if (lead < 0xf0 || lead > 0xf4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (lead == 0xf0 && byte(1) < 0x90) return 0;
  return lead == 0xf4 && byte(1) > 0x8f ? 0 : 4;
}

// sts-policy-ext-value: visible characters and UTF-8, with blanks between them.
bool is_extension_value(std::string_view value) {
  if (value.empty()) return false;
  while (!value.empty()) {
    const char c = value.front();
    const std::size_t length = c >= 0x20 && c < 0x7f ? 1 : (c & 0x80) != 0 ? utf8_length(value) : 0;
    if (length == 0) return false;
    value.remove_prefix(length);
  }
  return true;
}

Taken take_line(Draft& draft, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return fail("a line has no ':'");
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  for (const auto& field : kFields) {
    if (field.name == name) return field.take(draft, value);
  }
  if (!is_extension_name(name)) return fail("an extension's name is not well-formed");
  return is_extension_value(value) ? Taken{} : fail("an extension's value is not well-formed");
}

}  // namespace

Result<StsPolicy> parse_sts_policy(std::string_view text) {
  if (text.size() > kMostPolicyBytes) return fail("the policy is longer than 64 KiB");
  Draft draft;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto taken = take_line(draft, line); !taken) return tl::unexpected(taken.error());
  }
  if (!draft.version) return fail("the policy has no version");
  if (!draft.mode) return fail("the policy has no mode");
  if (!draft.max_age) return fail("the policy has no max_age");
  // RFC 8461 §3.2: hosts must be listed unless the mode is none.
  if (draft.mx.empty() && *draft.mode != StsMode::none) return fail("the policy lists no mx");
  return StsPolicy{*draft.mode, std::move(draft.mx), *draft.max_age};
}

bool is_policy_content_type(std::string_view content_type) {
  static constexpr std::string_view kType = "text/plain";
  const auto type = trimmed(content_type.substr(0, content_type.find(';')));
  return std::equal(type.begin(), type.end(), kType.begin(), kType.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::string_view name_of(StsMode mode) {
  static constexpr std::string_view kNames[] = {"none", "testing", "enforce"};
  return kNames[static_cast<std::size_t>(mode)];
}

}  // namespace postern::policy
