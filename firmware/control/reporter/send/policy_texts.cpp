#include "firmware/control/reporter/send/policy_texts.hpp"

namespace postern::reporter {
namespace {

constexpr std::size_t kMostLines = 100;

void add_lines(std::string_view text, std::vector<std::string>& lines) {
  while (!text.empty() && lines.size() < kMostLines) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

// "3 1 1 1F850A337E6DB9C609C522D136A475638CC43E1ED424F8EEC8513D747D1D085D", RFC 8460 §4.4.
std::string record_text(const policy::Tlsa& record) {
  auto text = std::to_string(record.usage) + " " + std::to_string(record.selector) + " " +
              std::to_string(record.matching) + " ";
  for (const auto byte : record.data) {
    text += "0123456789ABCDEF"[byte >> 4];
    text += "0123456789ABCDEF"[byte & 15];
  }
  return text;
}

}  // namespace

void add_policy_text(const policy::Facts& facts, PolicyReport& report) {
  if (report.type == "sts" && facts.domain == report.domain && facts.sts.state == policy::StsState::policy) {
    add_lines(facts.sts.text, report.strings);
    report.mx_patterns = facts.sts.mx;
  }
  if (report.type != "tlsa") return;
  for (const auto& host : facts.hosts) {
    if ((host.name != report.domain && host.tlsa_base != report.domain) || !report.strings.empty()) continue;
    for (const auto& record : host.tlsa) {
      if (report.strings.size() < kMostLines) report.strings.push_back(record_text(record));
    }
  }
}

}  // namespace postern::reporter
