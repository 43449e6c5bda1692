// Whether settings are right: see the header.
#include "firmware/ipc/settings_check.hpp"

#include <algorithm>
#include <numeric>

#include "firmware/ipc/settings_check_network.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::ipc {

namespace {

bool in_range(const Setting& setting, std::uint64_t value) {
  return value >= setting.least && value <= setting.most;
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f; });
}

bool is_fingerprint(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool is_choice(std::string_view choices, std::string_view text) {
  const auto all = split_list(choices, '|');
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool element_is_right(const Setting& setting, std::string_view text) {
  if (!printable(text)) return false;
  switch (setting.type) {
    case Type::boolean:
      return read_boolean(text).has_value();
    case Type::integer: {
      const auto value = read_integer(text);
      return value && in_range(setting, *value);
    }
    case Type::size: {
      const auto value = read_size(text);
      return value && in_range(setting, *value);
    }
    case Type::duration: {
      const auto value = read_duration(text);
      return value && in_range(setting, static_cast<std::uint64_t>(value->count()));
    }
    case Type::text:
      return true;
    case Type::domain:
      return is_domain(text);
    case Type::mailbox:
      return is_mailbox(text);
    case Type::address:
      return wire::IpAddress::parse(text).has_value();
    case Type::prefix:
      return text.find('/') != std::string_view::npos && wire::Prefix::parse(text).has_value();
    case Type::endpoint:
      return read_host_port(text, 25).has_value();
    case Type::path:
      return text.starts_with('/');
    case Type::enumeration:
      return is_choice(setting.choices, text);
    case Type::fingerprint:
      return is_fingerprint(text);
    case Type::certificate:
      return read_certificate(text).has_value();
    case Type::dkim_key:
      return read_dkim_key(text).has_value();
  }
  return false;
}

std::string quoted(std::string_view text) {
  std::string shown(text.substr(0, 80));
  for (char& c : shown) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return "\"" + shown + (text.size() > 80 ? "...\"" : "\"");
}

// How many insertions, removals and replacements of a character lead from one text to the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = corner + (from[i] == to[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, corner + 1});
    }
  }
  return row[to.size()];
}

// A pattern with its wild segment replaced by the one at the same place of `name`.
std::string concrete(std::string_view pattern, std::string_view name) {
  const auto open = pattern.find('<');
  if (open == std::string_view::npos) return std::string(pattern);
  const auto segments = split_list(name, '.');
  const auto index = static_cast<std::size_t>(
      std::count(pattern.begin(), pattern.begin() + static_cast<std::ptrdiff_t>(open), '.'));
  if (index >= segments.size()) return std::string(pattern);
  return std::string(pattern.substr(0, open)) + std::string(segments[index]) +
         std::string(pattern.substr(pattern.find('>') + 1));
}

class Checker {
 public:
  explicit Checker(const SettingValues& values) : values_(values) {}

  std::vector<SettingFault> run() {
    for (const auto& [name, value] : values_) check_one(name, value);
    check_office();
    check_recipients();
    check_spool();
    check_tcp();
    for (auto& fault : check_network(values_)) faults_.push_back(std::move(fault));
    return std::move(faults_);
  }

 private:
  std::string_view value(std::string_view name) const {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    const auto* setting = find_setting(name);
    return setting != nullptr ? setting->fallback : std::string_view{};
  }

  void check_one(const std::string& name, std::string_view text) {
    const auto* setting = find_setting(name);
    if (setting == nullptr) {
      // Looking for the nearest name is work: a file full of nonsense gets help with its first few only.
      const auto near = ++unknown_ <= kMostSuggestions ? nearest_setting(name) : std::string();
      faults_.push_back(
          {name, "is not a setting", near.empty() ? "see 'postern settings'" : "did you mean " + near + "?"});
      return;
    }
    const auto wrong = wrong_with(*setting, text);
    if (!wrong.empty()) faults_.push_back({name, wrong, what_fits(*setting)});
  }

  void check_office() {
    if (value("office.servers").empty()) {
      faults_.push_back({"office.servers", "is empty, so accepted mail can only wait in the queue",
                         "at least one host:port", false});
    }
    const auto tls = value("office.tls");
    if (tls == "pinned" && value("office.pin").empty()) {
      faults_.push_back({"office.pin", "is missing, but office.tls is \"pinned\"", "64 hexadecimal digits"});
    }
    if (tls == "webpki" && value("office.name").empty()) {
      faults_.push_back({"office.name", "is missing, but office.tls is \"webpki\"",
                         "the name the office's certificate carries"});
    }
  }

  void check_recipients() {
    if (value("domains.served").empty()) {
      faults_.push_back({"domains.served", "is empty, so every recipient is refused",
                         "the domains you receive mail for", false});
    }
    if (value("recipients.verify") == "static" && value("recipients.known").empty()) {
      faults_.push_back({"recipients.known",
                         "is empty, but recipients.verify is \"static\", so every recipient is refused",
                         "the addresses that exist, or recipients.verify = \"office\"", false});
    }
    if (value("smtp.require_tls") == "true" && value("tls.certificates").empty()) {
      faults_.push_back({"smtp.require_tls",
                         "is true, but there is no certificate, so all mail would be refused",
                         "at least one [[tls.certificates]] block"});
    }
  }

  void check_spool() {
    const auto first = read_duration(value("spool.retry_first"));
    const auto most = read_duration(value("spool.retry_most"));
    if (first && most && *first > *most) {
      faults_.push_back({"spool.retry_most", "is shorter than spool.retry_first",
                         "a time of at least " + print_duration(*first)});
    }
  }

  void check_tcp() {
    const auto first = read_integer(value("tcp.first_port"));
    const auto last = read_integer(value("tcp.last_port"));
    if (first && last && *first > *last) {
      faults_.push_back({"tcp.last_port", "is below tcp.first_port",
                         "a port from " + std::to_string(*first) + " to 65535"});
    }
  }

  static constexpr int kMostSuggestions = 20;

  const SettingValues& values_;
  std::vector<SettingFault> faults_;
  int unknown_ = 0;
};

}  // namespace

std::string wrong_with(const Setting& setting, std::string_view value) {
  if (value.size() > kMostValueBytes) return "is too long";
  if (value.empty() && setting.fallback.empty()) return "";  // the same as leaving it out
  if (!setting.list) return element_is_right(setting, value) ? "" : "is " + quoted(value);
  for (const auto element : split_list(value)) {
    if (!element_is_right(setting, element)) return "holds " + quoted(element);
  }
  return "";
}

std::vector<SettingFault> check_settings(const SettingValues& values) {
  return Checker(values).run();
}

std::string nearest_setting(std::string_view name) {
  if (name.size() > kMostNameBytes) return "";
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& setting : settings_schema()) {
    const auto candidate = concrete(setting.name, name);
    const auto distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string text_of(const SettingFault& fault) {
  const bool question = fault.right.ends_with('?') || fault.right.starts_with("see ");
  return fault.name + " " + fault.wrong +
         (question      ? ": "
          : fault.fatal ? ": it has to be "
                        : ": meant is probably ") +
         fault.right;
}

}  // namespace postern::ipc
