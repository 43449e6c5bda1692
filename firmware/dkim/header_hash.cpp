#include "firmware/dkim/header_hash.hpp"

#include <algorithm>
#include <vector>

#include "firmware/mail/header.hpp"
#include "firmware/mail/text.hpp"

namespace postern::dkim {
namespace {

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view without_end(std::string_view raw) {
  if (raw.ends_with("\n")) raw.remove_suffix(1);
  if (raw.ends_with("\r")) raw.remove_suffix(1);
  return raw;
}

// RFC 6376 §3.4.2: lower case name, nothing around the colon, unfolded, runs of white space one space, none
// at the end.
std::string relaxed(std::string_view raw) {
  std::string out;
  out.reserve(raw.size() + 2);
  const auto colon = std::min(raw.find(':'), raw.size());
  for (const char c : raw.substr(0, colon)) {
    if (!is_white(c)) out += mail::ascii_lower(c);
  }
  out += ':';
  bool space = false;
  bool any = false;
  for (const char c : raw.substr(std::min(colon + 1, raw.size()))) {
    if (is_white(c)) {
      space = any;
      continue;
    }
    if (space) out += ' ';
    space = false;
    any = true;
    out += c;
  }
  return out;
}

}  // namespace

std::string canonical_field(std::string_view raw, Canonical form) {
  const auto field = without_end(raw);
  return (form == Canonical::relaxed ? relaxed(field) : std::string(field)) + "\r\n";
}

void hash_fields(Hasher& hash, std::string_view header_section, std::string_view names, Canonical form) {
  std::vector<mail::HeaderField> fields;
  mail::HeaderReader reader(header_section);
  for (mail::HeaderField field; reader.next(field);) fields.push_back(field);
  std::vector<bool> used(fields.size());
  while (!names.empty()) {
    const auto colon = std::min(names.find(':'), names.size());
    const auto name = names.substr(0, colon);
    names.remove_prefix(std::min(colon + 1, names.size()));
    for (std::size_t i = fields.size(); i-- > 0;) {
      if (used[i] || !mail::equals_ignoring_case(fields[i].name, name)) continue;
      used[i] = true;
      hash.feed(canonical_field(fields[i].raw, form));
      break;
    }
  }
}

}  // namespace postern::dkim
