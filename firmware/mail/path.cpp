#include "firmware/mail/path.hpp"

#include "firmware/mail/domain.hpp"
#include "firmware/mail/text.hpp"

namespace postern::mail {
namespace {

// RFC 5321 §4.5.3.1.1 promises senders 64 octets and asks to impose no limit where that can be; return paths
// that encode a recipient are often longer.
constexpr std::size_t kLocalMax = 256;

// RFC 5322 §3.2.3, RFC 6531 §3.3.
bool is_atext(char c, bool utf8) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return ascii_alnum(c) || kSpecials.find(c) != std::string_view::npos || (utf8 && non_ascii(c));
}

bool is_dot_string(std::string_view text, bool utf8) {
  bool expect_atom = true;
  for (const char c : text) {
    if (c == '.') {
      if (expect_atom) return false;
      expect_atom = true;
    } else if (is_atext(c, utf8)) {
      expect_atom = false;
    } else {
      return false;
    }
  }
  return !expect_atom;
}

// The length of the quoted-string at the front of `text`, quotes included; 0 where there is none.
// RFC 5321 §4.1.2: qtextSMTP is printable ASCII and space, a backslash takes the next such octet literally.
std::size_t quoted_length(std::string_view text, bool utf8) {
  if (text.empty() || text.front() != '"') return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\' && ++i == text.size()) return 0;
    const bool printable = text[i] >= 0x20 && text[i] <= 0x7E;
    if (!printable && !(utf8 && non_ascii(text[i]))) return 0;
  }
  return 0;
}

// RFC 5321 Appendix C: a source route is taken and ignored.
Result<std::string_view> without_route(std::string_view text, bool utf8) {
  if (text.empty() || text.front() != '@') return text;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail("source route without a colon");
  std::string_view route = text.substr(0, colon);
  while (!route.empty()) {
    const std::size_t comma = route.find(',');
    const std::string_view hop = route.substr(0, comma);
    if (hop.empty() || hop.front() != '@' || !is_domain(hop.substr(1), utf8))
      return fail("malformed source route");
    route.remove_prefix(comma == std::string_view::npos ? route.size() : comma + 1);
  }
  return text.substr(colon + 1);
}

Result<std::string> parse_domain(std::string_view text, bool utf8) {
  if (text.empty()) return fail("domain is missing");
  if (text.front() == '[') {
    if (!is_address_literal(text)) return fail("malformed address literal");
  } else if (!is_domain(text, utf8)) {
    return fail(!utf8 && !is_ascii(text) ? "characters outside ascii need SMTPUTF8" : "malformed domain");
  }
  return to_lower(text);
}

}  // namespace

std::string Path::text() const {
  if (domain.empty()) return local;
  std::string out;
  out.reserve(local.size() + 1 + domain.size());
  out += local;
  out += '@';
  out += domain;
  return out;
}

Result<Path> parse_path(std::string_view text, bool utf8) {
  if (text.empty()) return Path{};
  const auto mailbox = without_route(text, utf8);
  if (!mailbox) return tl::unexpected(mailbox.error());
  if (utf8 && !is_utf8(*mailbox)) return fail("malformed UTF-8");
  // RFC 5321 §2.3.11: the one local part that may stand alone, in any case.
  if (equals_ignoring_case(*mailbox, "postmaster")) return Path{std::string(*mailbox), {}};

  std::size_t local = quoted_length(*mailbox, utf8);
  if (local == 0) {
    local = std::min(mailbox->find('@'), mailbox->size());
    if (!utf8 && !is_ascii(mailbox->substr(0, local))) return fail("characters outside ascii need SMTPUTF8");
    if (!is_dot_string(mailbox->substr(0, local), utf8)) return fail("malformed local part");
  }
  if (local > kLocalMax) return fail("local part is too long");
  if (local == mailbox->size()) return fail("domain is missing");
  if ((*mailbox)[local] != '@') return fail("malformed local part");
  auto domain = parse_domain(mailbox->substr(local + 1), utf8);
  if (!domain) return tl::unexpected(domain.error());
  return Path{std::string(mailbox->substr(0, local)), std::move(*domain)};
}

}  // namespace postern::mail
