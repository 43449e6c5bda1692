// How a row of the table of settings is written down. For the table's own files only.
#pragma once

#include <cstdint>
#include <string_view>

#include "firmware/ipc/settings_schema.hpp"

namespace postern::ipc::settings_rows {

using enum Type;
using enum Takes;

inline constexpr std::uint64_t kKiB = 1u << 10;
inline constexpr std::uint64_t kMiB = 1u << 20;
inline constexpr std::uint64_t kGiB = 1u << 30;
inline constexpr std::uint64_t kMs = 1'000'000;
inline constexpr std::uint64_t kSecond = 1000 * kMs;
inline constexpr std::uint64_t kMinute = 60 * kSecond;
inline constexpr std::uint64_t kHour = 60 * kMinute;
inline constexpr std::uint64_t kDay = 24 * kHour;
inline constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

constexpr Setting one(std::string_view name, Type type, std::string_view fallback, Takes takes,
                      std::string_view help) {
  return {name, type, false, fallback, 0, kAny, {}, {}, takes, help};
}

constexpr Setting many(std::string_view name, Type type, std::string_view fallback, Takes takes,
                       std::string_view help) {
  return {name, type, true, fallback, 0, kAny, {}, {}, takes, help};
}

// Only an owner may change it: who gets in, and whose keys are used.
constexpr Setting owners(Setting row) {
  row.who = Who::owner;
  return row;
}

constexpr Setting secret(Setting row) {
  row.secret = true;
  return row;
}

constexpr Setting number(std::string_view name, std::string_view fallback, std::uint64_t least,
                         std::uint64_t most, std::string_view unit, Takes takes, std::string_view help) {
  return {name, integer, false, fallback, least, most, {}, unit, takes, help};
}

constexpr Setting amount(std::string_view name, std::string_view fallback, std::uint64_t least,
                         std::uint64_t most, Takes takes, std::string_view help) {
  return {name, size, false, fallback, least, most, {}, {}, takes, help};
}

constexpr Setting time(std::string_view name, std::string_view fallback, std::uint64_t least,
                       std::uint64_t most, Takes takes, std::string_view help) {
  return {name, duration, false, fallback, least, most, {}, {}, takes, help};
}

constexpr Setting ports(std::string_view name, std::string_view fallback, std::string_view help) {
  return {name, integer, true, fallback, 1, 65535, {}, "TCP port", restart, help};
}

constexpr Setting choice(std::string_view name, std::string_view fallback, std::string_view choices,
                         Takes takes, std::string_view help) {
  return {name, enumeration, false, fallback, 0, kAny, choices, {}, takes, help};
}

}  // namespace postern::ipc::settings_rows
