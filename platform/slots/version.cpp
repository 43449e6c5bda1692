// Versions of the firmware: see the header.
#include "platform/slots/version.hpp"

#include <algorithm>
#include <cctype>

namespace postern::slots {

std::optional<Version> parse_version(std::string_view text) {
  Version version;
  const auto dash = std::min(text.find('-'), text.size());
  if (dash < text.size()) {
    version.suffix = std::string(text.substr(dash + 1));
    const auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.'; };
    if (version.suffix.empty() || version.suffix.size() > 32 || !std::ranges::all_of(version.suffix, good))
      return {};
  }
  auto rest = text.substr(0, dash);
  for (std::size_t i = 0; i < version.numbers.size(); ++i) {
    const auto dot = std::min(rest.find('.'), rest.size());
    const auto digits = rest.substr(0, dot);
    if (digits.empty() || digits.size() > 6) return {};
    for (const char c : digits) {
      if (c < '0' || c > '9') return {};
      version.numbers[i] = version.numbers[i] * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (dot == rest.size()) return version;
    rest.remove_prefix(dot + 1);
  }
  return {};
}

}  // namespace postern::slots
