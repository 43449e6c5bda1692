// Numbers, chances and spans of time as people write them.
#include <charconv>
#include <cmath>

#include "tools/tcp_host/options.hpp"

namespace postern::tcp_host {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}};

bool read_real(std::string_view text, double& value, std::string_view& rest) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value < 0) return false;
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

bool read_number(std::string_view text, std::uint64_t& value) {
  double real = 0;
  std::string_view rest;
  if (!read_real(text, real, rest)) return false;
  double scale = 1;
  if (rest == "k") scale = 1024;
  if (rest == "M") scale = 1024 * 1024;
  if (rest == "G") scale = 1024 * 1024 * 1024;
  if ((scale == 1 && !rest.empty()) || real * scale > 9e15) return false;
  value = static_cast<std::uint64_t>(real * scale);
  return static_cast<double>(value) == real * scale;
}

bool read_chance(std::string_view text, double& value) {
  std::string_view rest;
  if (!read_real(text, value, rest)) return false;
  if (rest == "%") {
    value /= 100;
  } else if (!rest.empty()) {
    return false;
  }
  return value <= 1;
}

bool read_span(std::string_view text, Duration& value) {
  double real = 0;
  std::string_view rest;
  if (!read_real(text, real, rest)) return false;
  for (const auto& unit : kUnits) {
    if (unit.name != rest) continue;
    value = Duration(static_cast<std::int64_t>(real * unit.nanoseconds));
    return real * unit.nanoseconds < 9e18;
  }
  return rest.empty() && real == 0 ? (value = Duration::zero(), true) : false;
}

std::string span_text(Duration span) {
  for (auto unit = std::rbegin(kUnits) + 2; unit != std::rend(kUnits); ++unit) {
    const auto whole = static_cast<std::int64_t>(unit->nanoseconds);
    if (span.count() % whole == 0) return std::to_string(span.count() / whole) + std::string(unit->name);
  }
  return std::to_string(span.count()) + "ns";
}

}  // namespace postern::tcp_host
