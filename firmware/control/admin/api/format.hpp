// The formats of texts in the API: does a text fit, and how is what fits called.
#pragma once

#include <string>
#include <string_view>

namespace postern::admin {

// A format that is not known fits everything (a test sees that all are known).
bool fits_format(std::string_view format, const std::string& text);
bool known_format(std::string_view format);
// "a time such as 2026-12-31T12:00:00Z"
std::string what_is(std::string_view format);

}  // namespace postern::admin
