// Base64 without line ends, and back. RFC 4648 §4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::dkim {

std::string to_base64(Bytes bytes);
// White space anywhere is skipped; anything else outside the alphabet, or a cut group, is nothing.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace postern::dkim
