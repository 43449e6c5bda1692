// The checks that need no network: records, policies, patterns and reports as texts.
#include "firmware/control/cli/check/checked.hpp"
#include "firmware/control/reporter/report/mail_reader.hpp"
#include "firmware/policy/sts/match.hpp"
#include "firmware/policy/sts/policy.hpp"
#include "firmware/policy/sts/record.hpp"
#include "firmware/policy/tlsrpt/record.hpp"

namespace postern::control::cli {

namespace {

std::string text_of(std::string_view view) {
  return std::string(view);
}

std::string counted(std::uint64_t number, const char* what) {
  return with_separators(number) + " " + what + (number == 1 ? "" : "s");
}

void tell_policy(Checked& checked, const reporter::PolicyReport& policy) {
  checked.say(policy.type + " " + policy.domain + ": " + counted(policy.successes, "success") +
                  (policy.successes == 1 ? "" : "es") + ", " + counted(policy.failures, "failure"),
              policy.failures > 0 ? Colour::red : Colour::green);
  for (const auto& line : policy.strings) checked.say("    " + line, Colour::dim);
  for (const auto& detail : policy.details) {
    auto text = "  " + counted(detail.sessions, "session") + ": " + detail.result;
    if (!detail.mx_host.empty()) text += ", " + detail.mx_host;
    if (!detail.sending_ip.empty()) text += ", from " + detail.sending_ip;
    if (!detail.code.empty()) text += ", " + detail.code;
    checked.say(text);
  }
}

}  // namespace

Checked check_mta_sts_record(const std::string& text) {
  const auto record = policy::parse_sts_record(text);
  if (!record) return bad("no MTA-STS record: " + text_of(record.error().reason));
  auto checked = good("an MTA-STS record with id " + record->id);
  checked.json["id"] = record->id;
  return checked;
}

Checked check_mta_sts_policy(const std::string& text) {
  const auto policy = policy::parse_sts_policy(text);
  if (!policy) return bad("no MTA-STS policy: " + text_of(policy.error().reason));
  auto checked = good("an MTA-STS policy in mode " + text_of(name_of(policy->mode)));
  checked.json["mode"] = name_of(policy->mode);
  checked.json["max_age"] = policy->max_age;
  checked.json["mx"] = policy->mx;
  Json warnings = Json::array();
  const auto warn = [&](std::string warning) {
    checked.say("note: " + warning, Colour::yellow);
    warnings.push_back(std::move(warning));
  };
  checked.say("mode     " + text_of(name_of(policy->mode)));
  checked.say("max_age  " + since(policy->max_age));
  for (const auto& pattern : policy->mx) checked.say("mx       " + pattern);
  // RFC 8461 §3.2 recommends weeks; senders that come seldom would else find nothing in force.
  if (policy->mode != policy::StsMode::none && policy->max_age < 86400) {
    warn("max_age is less than a day: the policy protects only senders that come daily");
  }
  checked.json["warnings"] = warnings;
  return checked;
}

Checked check_mx_match(const std::string& pattern, const std::string& name) {
  const auto read = policy::sts_pattern(pattern);
  if (!read) return bad("'" + pattern + "' may not stand in a policy: " + text_of(read.error().reason));
  const bool matches = policy::sts_matches(*read, name);
  auto checked = matches ? good(*read + " lists " + name) : bad(*read + " does not list " + name);
  checked.json = {{"pattern", *read}, {"name", name}, {"match", matches}};
  return checked;
}

Checked check_tlsrpt_record(const std::string& text) {
  const auto record = policy::parse_tlsrpt_record(text);
  if (!record) return bad("no TLSRPT record: " + text_of(record.error().reason));
  auto checked = good("a TLSRPT record; reports go to " + counted(record->rua.size(), "address") +
                      (record->rua.size() == 1 ? "" : "es"));
  checked.json["rua"] = record->rua;
  for (const auto& uri : record->rua) checked.say(uri);
  return checked;
}

Checked check_tlsrpt_report(const std::string& content) {
  const auto received = reporter::read_received(content);
  if (!received) return bad("no TLS report: " + received.error().reason);
  const auto& report = received->read.report;
  auto checked = good("a TLS report of " + report.organization);
  std::uint64_t failures = 0;
  checked.say(report.organization + ", " + reporter::write_time(report.begin) + " to " +
                  reporter::write_time(report.end) + ", " + report.id,
              Colour::bold);
  for (const auto& policy : report.policies) {
    tell_policy(checked, policy);
    failures += policy.failures;
  }
  for (const auto& note : received->read.notes) checked.say("note: " + note, Colour::yellow);
  checked.json = {{"failures", failures}, {"notes", received->read.notes}};
  checked.json["report"] = Json::parse(reporter::write_report(report), nullptr, false);
  if (failures > 0) checked.verdict += "; it tells of " + counted(failures, "failed session");
  return checked;
}

}  // namespace postern::control::cli
