// See tag_list.hpp.
#include "firmware/policy/tag_list.hpp"

#include <algorithm>

namespace postern::policy {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// ext-value: 1*(%x21-3A / %x3C / %x3E-7E)
bool is_extension_value(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(),
                                       [](char c) { return c > 0x20 && c < 0x7f && c != ';' && c != '='; });
}

Result<Tag> parse_field(std::string_view field, const OwnField& own) {
  const auto equals = field.find('=');
  if (equals == std::string_view::npos) return fail("a field has no '='");
  const Tag tag{field.substr(0, equals), field.substr(equals + 1)};
  if (tag.name == own.name) {
    return own.value_is_good(tag.value) ? Result<Tag>(tag) : fail("the field's value is not well-formed");
  }
  if (!is_extension_name(tag.name)) return fail("an extension's name is not well-formed");
  if (!is_extension_value(tag.value)) return fail("an extension's value is not well-formed");
  return tag;
}

}  // namespace

bool is_extension_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && is_alphanumeric(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<std::vector<Tag>> parse_tag_list(std::string_view record, std::string_view version,
                                        const OwnField& own) {
  if (!record.starts_with(version)) return fail("the record does not begin with its version");
  auto rest = trimmed(record.substr(version.size()));
  if (!rest.empty() && rest.front() != ';') return fail("the version is not known");
  std::vector<Tag> tags;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find(';'), rest.size());
    const auto field = trimmed(rest.substr(0, end));
    rest.remove_prefix(end);
    if (field.empty() && rest.empty()) break;  // one semicolon may stand at the end
    const auto tag = parse_field(field, own);
    if (!tag) return tl::unexpected(tag.error());
    tags.push_back(*tag);
  }
  return tags;
}

Result<const std::string*> only_record(std::span<const std::string> records, std::string_view version) {
  const std::string* found = nullptr;
  for (const auto& record : records) {
    if (!record.starts_with(version)) continue;
    const auto rest = trimmed(std::string_view(record).substr(version.size()));
    if (!rest.starts_with(';')) continue;
    if (found) return fail("there are several records, so none counts");
    found = &record;
  }
  return found;
}

}  // namespace postern::policy
