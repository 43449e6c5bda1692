#include "firmware/control/reporter/report/rua.hpp"

#include <charconv>

#include "firmware/mail/domain.hpp"
#include "firmware/mail/path.hpp"
#include "firmware/mail/text.hpp"

namespace postern::reporter {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = mail::ascii_lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3 || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    i += 2;
  }
  return out;
}

std::optional<Rua> read_mailto(std::string_view rest) {
  const auto address = percent_decoded(rest.substr(0, rest.find('?')));
  if (!address) return std::nullopt;
  const auto path = mail::parse_path(*address, false);
  if (!path || path->domain.empty() || path->local.empty()) return std::nullopt;
  Rua rua;
  rua.kind = Rua::Kind::mail;
  rua.mailbox = path->text();
  rua.text = "mailto:" + rua.mailbox;
  return rua;
}

std::optional<Rua> read_https(std::string_view rest) {
  const auto end = rest.find_first_of("/?#");
  auto authority = rest.substr(0, end);
  Rua rua;
  rua.kind = Rua::Kind::https;
  if (const auto colon = authority.rfind(':'); colon != std::string_view::npos) {
    const auto digits = authority.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), rua.port);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || rua.port == 0)
      return std::nullopt;
    authority = authority.substr(0, colon);
  }
  // User names and address literals have no business here.
  if (!mail::is_domain(authority, false) || authority.find('.') == std::string_view::npos)
    return std::nullopt;
  rua.host = mail::to_lower(authority);
  auto target = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  target = target.substr(0, target.find('#'));
  for (const char c : target) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) return std::nullopt;
  }
  rua.target = std::string(target.starts_with('/') ? "" : "/") + std::string(target);
  rua.text = "https://" + rua.host + (rua.port == 443 ? "" : ":" + std::to_string(rua.port)) + rua.target;
  return rua;
}

}  // namespace

std::optional<Rua> read_rua(std::string_view uri) {
  constexpr std::size_t kMostUri = 2000;
  if (uri.size() > kMostUri) return std::nullopt;
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto scheme = mail::to_lower(uri.substr(0, colon));
  const auto rest = uri.substr(colon + 1);
  if (scheme == "mailto") return read_mailto(rest);
  if (scheme == "https" && rest.starts_with("//")) return read_https(rest.substr(2));
  return std::nullopt;
}

}  // namespace postern::reporter
