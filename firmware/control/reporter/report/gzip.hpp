// gzip, both ways, with a limit on what comes out. RFC 1952.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "platform/base/result.hpp"

namespace postern::reporter {

std::string gzip(std::string_view plain);

// Faults: no gzip, damaged, cut, or more than `most` bytes in it. Several members in a row are one text.
Result<std::string, Fault> gunzip(std::string_view packed, std::size_t most);
bool is_gzip(std::string_view text);

}  // namespace postern::reporter
