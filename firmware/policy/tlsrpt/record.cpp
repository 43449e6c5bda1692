// See record.hpp.
#include "firmware/policy/tlsrpt/record.hpp"

#include <algorithm>

#include "firmware/policy/tag_list.hpp"

namespace postern::policy {
namespace {

constexpr std::string_view kVersion = "v=TLSRPTv1";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 3986 §2 and RFC 8460 §3: commas, exclamation points and semicolons must be percent-encoded.
bool is_uri_character(char c) {
  return is_alpha(c) || (c >= '0' && c <= '9') ||
         std::string_view("-._~:/?#[]@$&'()*+=").find(c) != std::string_view::npos;
}

bool is_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri.size() || !is_alpha(uri[0]))
    return false;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%') {
      if (uri.size() - i < 3 || !is_hex(uri[i + 1]) || !is_hex(uri[i + 2])) return false;
      i += 2;
    } else if (!is_uri_character(uri[i])) {
      return false;
    }
  }
  return true;
}

// tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
bool are_uris(std::string_view value) {
  for (;;) {
    const auto comma = value.find(',');
    if (!is_uri(trimmed(value.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

bool has_scheme(std::string_view uri, std::string_view scheme) {
  return uri.size() > scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), uri.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

void add_usable(std::vector<std::string>& uris, std::string_view value) {
  for (;;) {
    const auto comma = value.find(',');
    const auto uri = trimmed(value.substr(0, comma));
    const bool usable = has_scheme(uri, "mailto:") || has_scheme(uri, "https://");
    if (usable && uris.size() < kMostRua) uris.emplace_back(uri);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<TlsrptRecord> parse_tlsrpt_record(std::string_view text) {
  const auto tags = parse_tag_list(text, kVersion, {"rua", are_uris});
  if (!tags) return tl::unexpected(tags.error());
  TlsrptRecord record;
  bool any = false;
  for (const auto& tag : *tags) {
    if (tag.name != "rua") continue;
    any = true;
    add_usable(record.rua, tag.value);
  }
  if (!any) return fail("the record has no rua");
  if (record.rua.empty()) return fail("no rua is a mailto: or https: URI");
  return record;
}

Result<std::optional<TlsrptRecord>> choose_tlsrpt_record(std::span<const std::string> texts) {
  const auto only = only_record(texts, kVersion);
  if (!only) return tl::unexpected(only.error());
  if (*only == nullptr) return std::optional<TlsrptRecord>();
  const auto record = parse_tlsrpt_record(**only);
  if (!record) return tl::unexpected(record.error());
  return std::optional<TlsrptRecord>(*record);
}

}  // namespace postern::policy
