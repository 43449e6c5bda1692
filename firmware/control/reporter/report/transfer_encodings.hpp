// How mail carries bytes: base64 and quoted-printable. RFC 2045 §6.7, §6.8.
#pragma once

#include <string>
#include <string_view>

namespace postern::reporter {

// Lines of 76 characters, each with its CRLF.
std::string base64_lines(std::string_view bytes);
// Characters outside the alphabet are skipped, as RFC 2045 §6.8 asks for.
std::string from_base64_lines(std::string_view text);
// What is no encoding stays as it is.
std::string from_quoted_printable(std::string_view text);

}  // namespace postern::reporter
