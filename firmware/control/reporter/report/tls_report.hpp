// A TLS report as a value, and its JSON form in both directions. RFC 8460 §4.
//
// What is read comes from anybody: sizes are bounded, texts are cut, and what departs from the RFC without
// hurting is noted instead of refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::reporter {

// One row of failure-details. RFC 8460 §4.3, §4.4.
struct FailureDetail {
  std::string result;  // "certificate-expired"
  std::string sending_ip;
  std::string mx_host;
  std::string mx_helo;
  std::string receiving_ip;
  std::uint64_t sessions = 0;
  std::string information;
  std::string code;
  bool operator==(const FailureDetail&) const = default;
};

// One member of policies.
struct PolicyReport {
  std::string type;                  // "sts", "tlsa", "no-policy-found"
  std::vector<std::string> strings;  // the policy's lines, or TLSA records
  std::string domain;
  std::vector<std::string> mx_patterns;  // sts only
  std::uint64_t successes = 0;
  std::uint64_t failures = 0;
  std::vector<FailureDetail> details;
  bool operator==(const PolicyReport&) const = default;
};

struct TlsReport {
  std::string organization;
  std::int64_t begin = 0;  // seconds since 1970, UTC
  std::int64_t end = 0;
  std::string contact;
  std::string id;
  std::vector<PolicyReport> policies;
  bool operator==(const TlsReport&) const = default;
};

std::string write_report(const TlsReport& report);

struct ReadReport {
  TlsReport report;
  std::vector<std::string> notes;  // where it departs from RFC 8460
};

inline constexpr std::size_t kMostReportBytes = 4u << 20;
inline constexpr std::size_t kMostPolicies = 10'000;
inline constexpr std::size_t kMostDetails = 50'000;  // in the whole report

// Refuses what is no JSON, no object, or has no policies that could be shown.
Result<ReadReport, Fault> read_report(std::string_view json);

// "2016-04-01T00:00:00Z"; RFC 3339 §5.6. Reading takes any offset; nothing where it is no time.
std::string write_time(std::int64_t seconds);
bool read_time(std::string_view text, std::int64_t& seconds);

}  // namespace postern::reporter
