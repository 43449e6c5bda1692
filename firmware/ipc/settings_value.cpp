// How a value of each type is written, read and printed: see the header.
#include "firmware/ipc/settings_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace postern::ipc {

namespace {

struct Unit {
  std::string_view text;
  std::uint64_t factor;
};

constexpr std::array<Unit, 13> kSizes{{{"", 1},
                                       {"B", 1},
                                       {"K", 1u << 10},
                                       {"KB", 1u << 10},
                                       {"KiB", 1u << 10},
                                       {"M", 1u << 20},
                                       {"MB", 1u << 20},
                                       {"MiB", 1u << 20},
                                       {"G", 1u << 30},
                                       {"GB", 1u << 30},
                                       {"GiB", 1u << 30},
                                       {"T", std::uint64_t{1} << 40},
                                       {"TiB", std::uint64_t{1} << 40}}};

constexpr std::array<Unit, 7> kTimes{{{"ns", 1},
                                      {"us", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"d", 86'400'000'000'000}}};

// A whole number followed by one of `units`, with blanks between them allowed.
template <std::size_t N>
std::optional<std::uint64_t> read_quantity(std::string_view text, const std::array<Unit, N>& units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const auto& unit : units) {
    if (unit.text != text) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

// The largest unit that divides the number evenly, so that nothing is rounded.
template <std::size_t N>
std::string print_quantity(std::uint64_t number, const std::array<Unit, N>& units) {
  const Unit* best = &units.front();
  for (const auto& unit : units) {
    if (unit.factor > best->factor && number != 0 && number % unit.factor == 0) best = &unit;
  }
  return std::to_string(number / best->factor) + std::string(best->text);
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  for (const char c : label) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && byte < 0x80) return false;
  }
  return true;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  const auto number = read_integer(text);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::optional<bool> read_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::uint64_t> read_integer(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  return read_quantity(text, kSizes);
}

std::optional<Duration> read_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  const auto number = read_quantity(text, kTimes);
  if (!number) return std::nullopt;
  return Duration{static_cast<Duration::rep>(*number)};
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_mailbox(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  for (const char c : text.substr(0, at)) {
    if (static_cast<std::uint8_t>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>') return false;
  }
  return is_domain(text.substr(at + 1));
}

std::optional<wire::Endpoint> HostPort::endpoint() const {
  const auto address = wire::IpAddress::parse(host);
  if (!address) return std::nullopt;
  return wire::Endpoint{*address, port};
}

std::string HostPort::text() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<HostPort> read_host_port(std::string_view text, std::uint16_t fallback_port) {
  HostPort result;
  std::string_view rest;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    result.host = lower(text.substr(1, close - 1));
    rest = text.substr(close + 1);
    if (result.host.find(':') == std::string::npos || !wire::IpAddress::parse(result.host))
      return std::nullopt;
  } else {
    const auto colon = text.find(':');
    result.host = lower(text.substr(0, colon));
    if (colon != std::string_view::npos) rest = text.substr(colon);
    if (!is_domain(result.host)) return std::nullopt;
    const bool numeric = result.host.find_first_not_of("0123456789.") == std::string::npos;
    if (numeric && !wire::IpAddress::parse(result.host)) return std::nullopt;
  }
  if (rest.empty()) {
    result.port = fallback_port;
    return fallback_port == 0 ? std::nullopt : std::optional(result);
  }
  const auto port = rest.front() == ':' ? read_port(rest.substr(1)) : std::nullopt;
  if (!port) return std::nullopt;
  result.port = *port;
  return result;
}

std::optional<std::string_view> keystore_entry(std::string_view text) {
  if (!text.starts_with(kKeystorePrefix)) return std::nullopt;
  const auto name = text.substr(kKeystorePrefix.size());
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), fits)) return std::nullopt;
  return name;
}

std::optional<CertificateFiles> read_certificate(std::string_view text) {
  const auto parts = split_list(text, ';');
  if (parts.size() != 3) return std::nullopt;
  CertificateFiles files;
  for (const auto name : split_list(parts[0], ',')) {
    const auto bare = name.starts_with("*.") ? name.substr(2) : name;
    if (!is_domain(bare)) return std::nullopt;
    files.names.push_back(lower(name));
  }
  files.chain = parts[1];
  files.key = parts[2];
  const bool entry = keystore_entry(files.key) && files.chain == files.key;
  const bool paths = files.chain.starts_with('/') && files.key.starts_with('/');
  if (!entry && !paths) return std::nullopt;
  return files;
}

std::optional<DkimKeyFile> read_dkim_key(std::string_view text) {
  const auto parts = split_list(text, ';');
  if (parts.size() != 3 && (parts.size() != 4 || parts[3] != "tlsrpt")) return std::nullopt;
  if (!is_domain(parts[0]) || !is_domain(parts[1])) return std::nullopt;
  if (!parts[2].starts_with('/') && !keystore_entry(parts[2])) return std::nullopt;
  return DkimKeyFile{lower(parts[0]), lower(parts[1]), std::string(parts[2]), parts.size() == 4};
}

std::string print_size(std::uint64_t bytes) {
  static constexpr std::array<Unit, 5> kPrinted{
      {{"", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}, {"TiB", std::uint64_t{1} << 40}}};
  return print_quantity(bytes, kPrinted);
}

std::string print_duration(Duration duration) {
  if (duration.count() == 0) return "0s";
  return print_quantity(static_cast<std::uint64_t>(duration.count()), kTimes);
}

std::string print_certificate(const CertificateFiles& files) {
  return join_list(files.names, ",") + ";" + files.chain + ";" + files.key;
}

std::string print_dkim_key(const DkimKeyFile& file) {
  return file.domain + ";" + file.selector + ";" + file.key + (file.tls_reports_only ? ";tlsrpt" : "");
}

std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> elements;
  while (!text.empty()) {
    const auto end = text.find(separator);
    elements.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return elements;
}

std::string join_list(const std::vector<std::string>& elements, std::string_view separator) {
  std::string text;
  for (const auto& element : elements) {
    if (&element != &elements.front()) text += separator;
    text += element;
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace postern::ipc
