// The policy as fetched from https://mta-sts.<domain>/.well-known/mta-sts.txt. RFC 8461 §3.2, §3.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/policy/facts.hpp"
#include "platform/base/result.hpp"

namespace postern::policy {

inline constexpr std::size_t kMostPolicyBytes = 64 * 1024;
inline constexpr std::uint32_t kMostMaxAge = 31557600;  // RFC 8461 §3.2: a year
inline constexpr std::size_t kMostPatterns = 256;

struct StsPolicy {
  StsMode mode = StsMode::none;
  std::vector<std::string> mx;  // lower case; "*." in front of a wildcard
  std::uint32_t max_age = 0;    // seconds, at most kMostMaxAge
};

// Strict. A field that is given twice counts once, the first time; unknown ones are passed over where they
// are well-formed.
Result<StsPolicy> parse_sts_policy(std::string_view text);

// Whether an HTTP Content-Type says text/plain, with whatever parameters (RFC 8461 §3.2).
bool is_policy_content_type(std::string_view content_type);

// "none", "testing", "enforce".
std::string_view name_of(StsMode mode);

}  // namespace postern::policy
