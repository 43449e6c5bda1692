// From the resolver library's words to a reason with its extended DNS error. The library gives text only, so
// the code is found by what the text says. RFC 8914 §4.
#pragma once

#include <string_view>

#include "firmware/policy/facts.hpp"

namespace postern::resolver {

policy::Reason bogus_reason(std::string_view why);
policy::Reason failed_reason(std::string_view why);

}  // namespace postern::resolver
