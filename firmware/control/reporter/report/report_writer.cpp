// A report as JSON. RFC 8460 §4.4.
#include <nlohmann/json.hpp>

#include "firmware/control/reporter/report/tls_report.hpp"

namespace postern::reporter {
namespace {

using Json = nlohmann::ordered_json;

void add_text(Json& to, const char* name, const std::string& text) {
  if (!text.empty()) to[name] = text;
}

Json detail_json(const FailureDetail& detail) {
  Json json{{"result-type", detail.result}};
  add_text(json, "sending-mta-ip", detail.sending_ip);
  add_text(json, "receiving-mx-hostname", detail.mx_host);
  add_text(json, "receiving-mx-helo", detail.mx_helo);
  add_text(json, "receiving-ip", detail.receiving_ip);
  json["failed-session-count"] = detail.sessions;
  add_text(json, "additional-information", detail.information);
  add_text(json, "failure-reason-code", detail.code);
  return json;
}

Json policy_json(const PolicyReport& report) {
  Json policy{{"policy-type", report.type}};
  if (!report.strings.empty()) policy["policy-string"] = report.strings;
  policy["policy-domain"] = report.domain;
  if (!report.mx_patterns.empty()) policy["mx-host"] = report.mx_patterns;
  Json json{{"policy", std::move(policy)},
            {"summary",
             {{"total-successful-session-count", report.successes},
              {"total-failure-session-count", report.failures}}}};
  for (const auto& detail : report.details) json["failure-details"].push_back(detail_json(detail));
  return json;
}

}  // namespace

std::string write_report(const TlsReport& report) {
  Json json{{"organization-name", report.organization},
            {"date-range",
             {{"start-datetime", write_time(report.begin)}, {"end-datetime", write_time(report.end)}}},
            {"contact-info", report.contact},
            {"report-id", report.id},
            {"policies", Json::array()}};
  for (const auto& policy : report.policies) json["policies"].push_back(policy_json(policy));
  // Greetings of foreign servers are in it: what is not UTF-8 is replaced.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace postern::reporter
