// What a certificate under usage 2 may be for. RFC 7672 §3.2.2, §3.2.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/policy/facts.hpp"

namespace postern::policy {

// The TLSA base domain first; where the MX answer was secure the domain that was asked for, and what its
// CNAMEs expand to. Each name once.
std::vector<std::string> names_for_usage_2(std::string_view tlsa_base, std::string_view domain,
                                           std::string_view expanded_domain, Security mx_security);

}  // namespace postern::policy
