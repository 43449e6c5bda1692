// Versions of the firmware: "1.2.3", or "1.2.3-rc1", which comes before 1.2.3.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::slots {

struct Version {
  std::array<std::uint32_t, 4> numbers{};
  std::string suffix;  // after the dash; empty: the release itself

  std::strong_ordering operator<=>(const Version& that) const {
    if (const auto order = numbers <=> that.numbers; order != 0) return order;
    if (suffix.empty() != that.suffix.empty())
      return suffix.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
    return suffix.compare(that.suffix) <=> 0;
  }
  bool operator==(const Version&) const = default;
};

// One to four numbers up to 999999; nothing where the text is no version.
std::optional<Version> parse_version(std::string_view text);

}  // namespace postern::slots
