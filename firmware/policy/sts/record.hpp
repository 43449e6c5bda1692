// The TXT record at _mta-sts that says there is a policy, and under which id. RFC 8461 §3.1.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::policy {

struct StsRecord {
  std::string id;
};

Result<StsRecord> parse_sts_record(std::string_view text);

// Of all TXT records at the name, each with its strings joined. Nothing: the domain does not announce
// MTA-STS. An error where it seems to, but not in a way that counts.
Result<std::optional<StsRecord>> choose_sts_record(std::span<const std::string> texts);

}  // namespace postern::policy
