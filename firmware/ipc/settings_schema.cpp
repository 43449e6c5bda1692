// Looking things up in the table of settings, and saying what fits.
#include "firmware/ipc/settings_schema.hpp"

#include <array>
#include <string>

#include "firmware/ipc/settings_value.hpp"

namespace postern::ipc {

namespace {

using enum Type;

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

bool matches(std::string_view pattern, std::string_view name) {
  while (true) {
    const auto pattern_dot = pattern.find('.');
    const auto name_dot = name.find('.');
    const auto segment = pattern.substr(0, pattern_dot);
    const bool wild = segment.starts_with('<');
    if (wild ? name.substr(0, name_dot).empty() : segment != name.substr(0, name_dot)) return false;
    if (pattern_dot == std::string_view::npos || name_dot == std::string_view::npos) {
      return pattern_dot == name_dot;
    }
    pattern.remove_prefix(pattern_dot + 1);
    name.remove_prefix(name_dot + 1);
  }
}

std::string range_text(const Setting& setting) {
  const auto print = [&](std::uint64_t value) {
    if (setting.type == size) return print_size(value);
    if (setting.type == duration) return print_duration(Duration{static_cast<Duration::rep>(value)});
    return std::to_string(value);
  };
  if (setting.most == kAny) return setting.least == 0 ? "" : " of at least " + print(setting.least);
  return " from " + print(setting.least) + " to " + print(setting.most);
}

std::string choices_text(std::string_view choices) {
  std::string text = "one of";
  for (const auto choice : split_list(choices, '|')) {
    text += (text == "one of" ? " \"" : ", \"") + std::string(choice) + "\"";
  }
  return text;
}

std::string element_fits(const Setting& setting) {
  switch (setting.type) {
    case boolean:
      return "true or false";
    case integer:
      return "a whole number" + range_text(setting);
    case size:
      return "a size" + range_text(setting) + ", such as \"64M\"";
    case duration:
      return "a time" + range_text(setting) + " with its unit, such as \"30s\", \"5m\" or \"12h\"";
    case text:
      return "a line of text";
    case domain:
      return "a domain name such as \"mail.example.net\"";
    case mailbox:
      return "an address such as \"anna@example.net\"";
    case address:
      return "an IP address such as \"192.0.2.1\" or \"2001:db8::1\"";
    case prefix:
      return "an address with the length of its network, such as \"192.0.2.1/24\"";
    case endpoint:
      return "\"host:port\", \"192.0.2.1:25\" or \"[2001:db8::1]:25\"";
    case path:
      return "a path that begins with /";
    case enumeration:
      return choices_text(setting.choices);
    case fingerprint:
      return "64 hexadecimal digits (a SHA-256)";
    case certificate:
      return "names (may be empty), chain and key, the files by their full path";
    case dkim_key:
      return "domain, selector and key, the file by its full path; service = \"tlsrpt\" where it signs TLS "
             "reports only";
  }
  return "";
}

}  // namespace

const Setting* find_setting(std::string_view name) {
  for (const auto& setting : settings_schema()) {
    if (matches(setting.name, name)) return &setting;
  }
  return nullptr;
}

std::string_view type_name(Type type) {
  static constexpr std::array<std::string_view, 15> kNames{
      "true/false", "number",   "size", "time",   "text",        "domain",      "mailbox", "address",
      "network",    "endpoint", "path", "choice", "fingerprint", "certificate", "DKIM key"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view type_word(Type type) {
  static constexpr std::array<std::string_view, 15> kWords{
      "boolean", "integer",  "size", "duration",    "text",        "domain",      "mailbox", "address",
      "prefix",  "endpoint", "path", "enumeration", "fingerprint", "certificate", "dkim_key"};
  return kWords[static_cast<std::size_t>(type)];
}

std::string_view who_word(Who who) {
  return who == Who::owner ? "owner" : "operator";
}

std::string_view group_of(std::string_view name) {
  const auto front = name.substr(0, name.find('.'));
  if (front == "host_name" || front == "domains") return "identity";
  if (front == "interface" || front == "net") return "network";
  return front;
}

std::string what_fits(const Setting& setting) {
  return (setting.list ? "a list; each element is " : "") + element_fits(setting);
}

}  // namespace postern::ipc
