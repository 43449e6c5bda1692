// Whether a policy lists a host. RFC 8461 §4.1.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::policy {

// A pattern as a policy may list it, in lower case and without a final dot: a domain name in A-labels, or
// "*." and one. Names that could be taken for addresses are refused.
Result<std::string> sts_pattern(std::string_view text);

// Equal but for case, or the host has exactly one label where the pattern has its "*". The host is the name
// in the MX record, not what a CNAME makes of it. U-labels on either side count as their A-labels.
bool sts_matches(std::string_view pattern, std::string_view host);
bool sts_lists(std::span<const std::string> patterns, std::string_view host);

}  // namespace postern::policy
