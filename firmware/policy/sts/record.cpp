// See record.hpp.
#include "firmware/policy/sts/record.hpp"

#include <algorithm>

#include "firmware/policy/tag_list.hpp"

namespace postern::policy {
namespace {

constexpr std::string_view kVersion = "v=STSv1";

// sts-id: 1*32(ALPHA / DIGIT)
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

Result<StsRecord> parse_sts_record(std::string_view text) {
  const auto tags = parse_tag_list(text, kVersion, {"id", is_id});
  if (!tags) return tl::unexpected(tags.error());
  const auto id = std::find_if(tags->begin(), tags->end(), [](const Tag& tag) { return tag.name == "id"; });
  if (id == tags->end()) return fail("the record has no id");
  return StsRecord{std::string(id->value)};
}

Result<std::optional<StsRecord>> choose_sts_record(std::span<const std::string> texts) {
  const auto only = only_record(texts, kVersion);
  if (!only) return tl::unexpected(only.error());
  if (*only == nullptr) return std::optional<StsRecord>();
  const auto record = parse_sts_record(**only);
  if (!record) return tl::unexpected(record.error());
  return std::optional<StsRecord>(*record);
}

}  // namespace postern::policy
