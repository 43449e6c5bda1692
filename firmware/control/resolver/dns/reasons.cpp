// Extended DNS errors by what the library says: see the header.
#include "firmware/control/resolver/dns/reasons.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace postern::resolver {

namespace {

struct Row {
  std::string_view says;  // lower case
  std::int32_t code;
  std::string_view name;
};

// RFC 8914 §4.7–4.13; the first row that fits counts.
constexpr auto kBogus = std::to_array<Row>({
    {"signature expired", 7, "Signature Expired"},
    {"before inception", 8, "Signature Not Yet Valid"},
    {"unsupported algorithm", 1, "Unsupported DNSKEY Algorithm"},
    {"missing dnskey", 9, "DNSKEY Missing"},
    {"did not match a ds", 9, "DNSKEY Missing"},
    {"no keys", 9, "DNSKEY Missing"},
    {"no dnskey", 9, "DNSKEY Missing"},
    {"ds match", 9, "DNSKEY Missing"},
    {"no rrsig", 10, "RRSIGs Missing"},
    {"no signatures", 10, "RRSIGs Missing"},
    {"nsec", 12, "NSEC Missing"},
    {"nodata proof", 12, "NSEC Missing"},
    {"nxdomain proof", 12, "NSEC Missing"},
    {"", 6, "DNSSEC Bogus"},
});

// RFC 8914 §4.23–4.24.
constexpr auto kFailed = std::to_array<Row>({
    {"network", 23, "Network Error"},
    {"all servers", 22, "No Reachable Authority"},
    {"no server", 22, "No Reachable Authority"},
    {"stub or forward servers failed", 22, "No Reachable Authority"},
    {"time", 22, "No Reachable Authority"},
    {"maximum number of sends", 22, "No Reachable Authority"},
    {"", 0, "Other"},
});

std::string one_line(std::string_view text) {
  constexpr std::size_t kMost = 240;
  std::string line;
  for (const char c : text.substr(0, kMost)) line.push_back(c >= ' ' && c < 127 ? c : ' ');
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

policy::Reason find(std::span<const Row> rows, std::string_view why, std::string_view fallback) {
  policy::Reason reason;
  reason.text = one_line(why.empty() ? fallback : why);
  auto lower = reason.text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const auto& row : rows) {
    if (lower.find(row.says) == std::string::npos) continue;
    reason.ede = row.code;
    reason.extended = row.name;
    break;
  }
  return reason;
}

}  // namespace

policy::Reason bogus_reason(std::string_view why) {
  return find(kBogus, why, "the signatures do not hold");
}

policy::Reason failed_reason(std::string_view why) {
  return find(kFailed, why, "no name server gave an answer");
}

}  // namespace postern::resolver
