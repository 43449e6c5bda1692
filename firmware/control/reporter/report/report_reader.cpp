// JSON from anybody as a report: see the header.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "firmware/control/reporter/report/tls_report.hpp"
#include "firmware/policy/tlsrpt/result.hpp"

namespace postern::reporter {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostText = 1024;
constexpr std::size_t kMostStrings = 256;
constexpr std::size_t kMostNotes = 20;

// Control characters out, so that what is shown on a terminal is harmless.
std::string clean(std::string_view text) {
  std::string out(text.substr(0, kMostText));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

class ReportReader {
 public:
  Result<ReadReport, Fault> read(const Json& json) {
    auto& report = read_.report;
    report.organization = text(json, "organization-name", true);
    report.contact = text(json, "contact-info", false);
    report.id = text(json, "report-id", true);
    read_range(json);
    const auto policies = json.find("policies");
    if (policies == json.end() || !policies->is_array()) return fault("the report has no list of policies");
    if (policies->size() > kMostPolicies) return fault("the report has more policies than are taken");
    if (policies->empty()) note("policies is empty");
    for (const auto& policy : *policies) {
      if (!policy.is_object()) return fault("an element of policies is no object");
      read_policy(policy);
    }
    if (details_ > kMostDetails) return fault("the report has more failure-details than are taken");
    return std::move(read_);
  }

 private:
  void note(std::string text) {
    auto& notes = read_.notes;
    if (notes.size() < kMostNotes && std::find(notes.begin(), notes.end(), text) == notes.end())
      notes.push_back(std::move(text));
  }

  std::string text(const Json& json, const char* name, bool needed) {
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) {
      if (needed) note(std::string(name) + " is missing");
      return {};
    }
    if (!found->is_string()) {
      note(std::string(name) + " is no text");
      return {};
    }
    return clean(found->get_ref<const std::string&>());
  }

  // A number; some senders write it as text.
  std::uint64_t number(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found != json.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
    if (found != json.end() && found->is_string()) {
      const auto& digits = found->get_ref<const std::string&>();
      if (!digits.empty() && digits.size() < 19 &&
          digits.find_first_not_of("0123456789") == std::string::npos) {
        note(std::string(name) + " is a text, not a number");
        return std::stoull(digits);
      }
    }
    note(std::string(name) + (found == json.end() ? " is missing" : " is no whole number"));
    return 0;
  }

  // A list of texts; some senders write one text.
  std::vector<std::string> texts(const Json& json, const char* name) {
    std::vector<std::string> out;
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) return out;
    if (found->is_string()) return {clean(found->get_ref<const std::string&>())};
    if (!found->is_array()) note(std::string(name) + " is no list of texts");
    if (found->is_array()) {
      for (const auto& one : *found) {
        if (one.is_string() && out.size() < kMostStrings)
          out.push_back(clean(one.get_ref<const std::string&>()));
      }
    }
    return out;
  }

  void read_range(const Json& json) {
    const auto range = json.find("date-range");
    if (range == json.end() || !range->is_object()) return note("date-range is missing");
    auto& report = read_.report;
    if (!read_time(text(*range, "start-datetime", true), report.begin)) note("start-datetime is no time");
    if (!read_time(text(*range, "end-datetime", true), report.end)) note("end-datetime is no time");
    if (report.end < report.begin) note("the report ends before it begins");
  }

  void read_policy(const Json& json) {
    PolicyReport out;
    const auto policy = json.find("policy");
    if (policy != json.end() && policy->is_object()) {
      out.type = text(*policy, "policy-type", true);
      out.domain = text(*policy, "policy-domain", true);
      out.strings = texts(*policy, "policy-string");
      out.mx_patterns = texts(*policy, "mx-host");
    } else {
      note("policy is missing");
    }
    if (!out.type.empty() && !policy::policy_type(out.type))
      note("policy-type \"" + out.type + "\" is unknown");
    const auto summary = json.find("summary");
    if (summary != json.end() && summary->is_object()) {
      out.successes = number(*summary, "total-successful-session-count");
      out.failures = number(*summary, "total-failure-session-count");
    } else {
      note("summary is missing");
    }
    read_details(json, out);
    read_.report.policies.push_back(std::move(out));
  }

  void read_details(const Json& json, PolicyReport& out) {
    const auto details = json.find("failure-details");
    if (details == json.end() || details->is_null()) return;
    if (!details->is_array()) return note("failure-details is no list");
    std::uint64_t sum = 0;
    for (const auto& one : *details) {
      if (!one.is_object()) {
        note("an element of failure-details is no object");
        continue;
      }
      if (++details_ > kMostDetails) return;
      out.details.push_back(read_detail(one));
      sum += std::min(out.details.back().sessions, UINT64_MAX - sum);
    }
    if (sum > out.failures) note("failure-details add up to more than the summary says");
  }

  FailureDetail read_detail(const Json& json) {
    FailureDetail out;
    out.result = text(json, "result-type", true);
    if (!out.result.empty() && !policy::result_type(out.result))
      note("result-type \"" + out.result + "\" is unknown");
    out.sending_ip = text(json, "sending-mta-ip", false);
    out.mx_host = text(json, "receiving-mx-hostname", false);
    out.mx_helo = text(json, "receiving-mx-helo", false);
    out.receiving_ip = text(json, "receiving-ip", false);
    out.sessions = number(json, "failed-session-count");
    out.information = text(json, "additional-information", false);
    out.code = text(json, "failure-reason-code", false);
    return out;
  }

  ReadReport read_;
  std::size_t details_ = 0;
};

}  // namespace

Result<ReadReport, Fault> read_report(std::string_view json) {
  if (json.size() > kMostReportBytes) return fault("the report is larger than 4 MiB");
  if (json.starts_with("\xef\xbb\xbf")) json.remove_prefix(3);
  const auto parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return fault("the report is no JSON");
  if (!parsed.is_object()) return fault("the report is no JSON object");
  return ReportReader().read(parsed);
}

}  // namespace postern::reporter
