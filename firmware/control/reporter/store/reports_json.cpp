// TLS reports as JSON: see the header.
#include "firmware/control/reporter/store/reports_json.hpp"

namespace postern::reporter {

using Json = nlohmann::ordered_json;

namespace {

Json details_json(const PolicyReport& policy) {
  Json all = Json::array();
  for (const auto& one : policy.details) {
    all.push_back({{"result", one.result},
                   {"sessions", one.sessions},
                   {"code", one.code},
                   {"mx_host", one.mx_host},
                   {"mx_helo", one.mx_helo},
                   {"receiving_ip", one.receiving_ip},
                   {"sending_ip", one.sending_ip},
                   {"information", one.information}});
  }
  return all;
}

}  // namespace

std::string day_of(std::int64_t seconds) {
  return write_time(seconds).substr(0, 10);
}

Json received_json(const ReceivedEntry& entry) {
  return {{"number", entry.number},
          {"arrived", write_time(entry.arrived)},
          {"organization", entry.organization},
          {"report_id", entry.id},
          {"begin", write_time(entry.begin)},
          {"end", write_time(entry.end)},
          {"domains", entry.domains},
          {"successes", entry.successes},
          {"failures", entry.failures}};
}

Json report_json(const TlsReport& report) {
  Json json{
      {"organization", report.organization}, {"contact", report.contact},     {"report_id", report.id},
      {"begin", write_time(report.begin)},   {"end", write_time(report.end)}, {"policies", Json::array()}};
  for (const auto& policy : report.policies) {
    json["policies"].push_back({{"type", policy.type},
                                {"domain", policy.domain},
                                {"strings", policy.strings},
                                {"mx_patterns", policy.mx_patterns},
                                {"successes", policy.successes},
                                {"failures", policy.failures},
                                {"details", details_json(policy)}});
  }
  return json;
}

Json sent_json(const ReportState& state) {
  Json deliveries = Json::array();
  for (const auto& delivery : state.deliveries) {
    deliveries.push_back({{"rua", delivery.rua},
                          {"accepted", delivery.done},
                          {"attempts", delivery.attempts},
                          {"note", delivery.note}});
  }
  return {{"report_id", state.report.id},
          {"day", day_of(state.report.day * kDaySeconds)},
          {"domain", state.report.domain},
          {"host", state.report.host},
          {"state", state.state},
          {"next", write_time(state.report.next)},
          {"note", state.note},
          {"deliveries", std::move(deliveries)}};
}

}  // namespace postern::reporter
