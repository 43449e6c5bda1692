// The formats of texts in the API: see the header.
#include "firmware/control/admin/api/format.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <vector>

#include "firmware/ipc/settings_value.hpp"
#include "firmware/wire/address.hpp"

namespace postern::admin {

namespace {

bool is_utf8_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_address(const std::string& text) {
  return wire::IpAddress::parse(text).has_value();
}

bool is_prefix(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return false;
  const auto length = ipc::read_integer(text.substr(slash + 1));
  const auto address = wire::IpAddress::parse(text.substr(0, slash));
  return address && length && *length <= (address->is_v4() ? 32u : 128u);
}

bool is_host_port(const std::string& text) {
  return ipc::read_host_port(text, 25).has_value();
}

bool is_base64(const std::string& text) {
  std::vector<unsigned char> out(text.size());
  std::size_t size = 0;
  const char* end = nullptr;
  return sodium_base642bin(out.data(), out.size(), text.data(), text.size(), "\r\n", &size, &end,
                           sodium_base64_VARIANT_ORIGINAL) == 0 &&
         end == text.data() + text.size();
}

// RFC 3339 §5.6, with Z only.
bool is_time(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  int used = 0;
  if (text.size() > 40 || std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u%n", &year, &month, &day, &hour,
                                      &minute, &second, &used) != 6)
    return false;
  auto rest = std::string_view(text).substr(static_cast<std::size_t>(used));
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    while (!rest.empty() && std::isdigit(static_cast<unsigned char>(rest.front())) != 0)
      rest.remove_prefix(1);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return used == 19 && rest == "Z" && date.ok() && hour < 24 && minute < 60 && second < 61;
}

bool is_web_address(const std::string& text) {
  return (text.starts_with("https://") || text.starts_with("http://")) && is_utf8_line(text) &&
         text.find(' ') == std::string::npos;
}

struct Format {
  std::string_view name;
  bool (*fits)(const std::string& text);
  std::string_view what;
};

constexpr auto kFormats = std::to_array<Format>({
    {"domain", [](const std::string& text) { return ipc::is_domain(text); },
     "a domain name such as \"example.org\""},
    {"ip-address", is_address, "an address such as \"192.0.2.1\" or \"2001:db8::1\""},
    {"ip-prefix", is_prefix, "an address with the length of its network, such as \"192.0.2.1/24\""},
    {"host-port", is_host_port, "a name or an address, with or without a port"},
    {"base64", is_base64, "base64"},
    {"date-time", is_time, "a time such as 2026-12-31T12:00:00Z"},
    {"uri", is_web_address, "an address that begins with https://"},
    {"password", [](const std::string&) { return true; }, "a password"},
});

const Format* find(std::string_view name) {
  const auto* at =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& one) { return one.name == name; });
  return at == kFormats.end() ? nullptr : at;
}

}  // namespace

bool fits_format(std::string_view format, const std::string& text) {
  const auto* row = find(format);
  return row == nullptr || row->fits(text);
}

bool known_format(std::string_view format) {
  return find(format) != nullptr;
}

std::string what_is(std::string_view format) {
  const auto* row = find(format);
  return std::string(row == nullptr ? format : row->what);
}

}  // namespace postern::admin
