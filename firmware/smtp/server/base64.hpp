// Base64 as SASL uses it (RFC 4648 §4), and forgetting what must not stay.
#pragma once

#include <string>
#include <string_view>

namespace postern::smtp {

// False where it is not whole, canonical base64. "=" alone is the empty text (RFC 4954 §4).
bool from_base64(std::string_view text, std::string& out);
// Overwrites it, also against an optimizer.
void wipe(std::string& text);

}  // namespace postern::smtp
