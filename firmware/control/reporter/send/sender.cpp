#include "firmware/control/reporter/send/sender.hpp"

#include <algorithm>

#include "firmware/control/reporter/report/gzip.hpp"
#include "firmware/control/reporter/report/mail_writer.hpp"
#include "firmware/control/reporter/send/policy_texts.hpp"
#include "firmware/policy/tlsrpt/record.hpp"
#include "platform/log/log.hpp"

namespace postern::reporter {
namespace {

constexpr std::int64_t kIdle = 600;        // longest time between two turns, seconds
constexpr std::int64_t kFirstRetry = 300;  // it doubles
constexpr std::int64_t kMostRetry = 4 * 3600;

std::string domain_of(const std::string& mailbox) {
  const auto at = mailbox.rfind('@');
  return at == std::string::npos ? mailbox : mailbox.substr(at + 1);
}

std::string printed_day(Day day) {
  return write_time(day * kDaySeconds).substr(0, 10);
}

std::string hex(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

}  // namespace

std::int64_t Sender::turn(std::int64_t now) {
  const Day today = now / kDaySeconds;
  if (forgotten_ != today) store_.forget(today - settings_.keep / kDaySeconds);
  forgotten_ = today;
  if (settings_.send) {
    if (now % kDaySeconds >= kSettle) plan(now);
    const auto due = store_.due(now, kMostAtOnce);
    for (const auto& report : due) see_to(report, now);
    if (due.size() == kMostAtOnce) return now;
  }
  const auto next = store_.next_due();
  return settings_.send && next != 0 ? std::clamp(next, now + 1, now + kIdle) : now + kIdle;
}

void Sender::plan(std::int64_t now) {
  const Day today = now / kDaySeconds;
  const auto spread = static_cast<std::uint64_t>(std::max<std::int64_t>(settings_.spread, 1));
  for (const auto& subject : store_.unplanned(today)) {
    // Whoever was off for days sends what is still fresh.
    if ((subject.day + 1) * kDaySeconds + settings_.retry + settings_.spread < now) {
      store_.plan({.id = printed_day(subject.day) + "." + subject.domain + (subject.host ? ".mx" : ""),
                   .day = subject.day,
                   .domain = subject.domain,
                   .host = subject.host});
      store_.settle(printed_day(subject.day) + "." + subject.domain + (subject.host ? ".mx" : ""), false,
                    "too old to be sent");
      continue;
    }
    auto due = now + static_cast<std::int64_t>(outside_.random(spread));
    if (subject.host)
      due = now + settings_.spread + static_cast<std::int64_t>(outside_.random(spread / 4 + 1));
    store_.plan({.id = printed_day(subject.day) + "." + subject.domain + "." +
                       hex(outside_.random(UINT64_MAX)) + "@" + settings_.host_name,
                 .day = subject.day,
                 .domain = subject.domain,
                 .host = subject.host,
                 .next = due,
                 .due = due});
  }
}

void Sender::later_or_never(const PlannedReport& planned, int attempts, const std::string& why,
                            std::int64_t now) {
  // RFC 8460 §5.5: again and again with growing pauses, for a day or so.
  const auto pause = std::min(kFirstRetry << std::min(attempts, 10), kMostRetry);
  const auto next =
      now + pause + static_cast<std::int64_t>(outside_.random(static_cast<std::uint64_t>(pause) / 4));
  if (next <= planned.due + settings_.retry) return store_.postpone(planned.id, next, why);
  store_.settle(planned.id, false, why);
  log::write(log::Level::warning, "reporter",
             "the report about " + planned.domain + " of " + printed_day(planned.day) +
                 " was not accepted and is dropped: " + why);
}

// Who wants it. False: nobody, or it is not known; that has been seen to.
bool Sender::wanted_by(const PlannedReport& planned, std::int64_t now, std::vector<Rua>& ruas) {
  const auto found = outside_.texts("_smtp._tls." + planned.domain);
  if (!found.known) {
    const auto waited = static_cast<int>((now - planned.due) / kFirstRetry);
    later_or_never(planned, waited, "_smtp._tls." + planned.domain + " could not be asked for: " + found.why,
                   now);
    return false;
  }
  const auto record = policy::choose_tlsrpt_record(found.texts);
  if (!record || !record->has_value()) {
    store_.settle(planned.id, false,
                  record ? "nobody asks for it" : "its record: " + std::string(record.error().reason));
    return false;
  }
  for (const auto& uri : (*record)->rua) {
    const auto rua = read_rua(uri);
    const auto same = [&](const Rua& other) { return rua && other.text == rua->text; };
    if (rua && ruas.size() < kMostRua && std::none_of(ruas.begin(), ruas.end(), same)) ruas.push_back(*rua);
  }
  if (ruas.empty()) store_.settle(planned.id, false, "its record names no address that can be used");
  return !ruas.empty();
}

void Sender::see_to(const PlannedReport& planned, std::int64_t now) {
  std::vector<Rua> ruas;
  if (!wanted_by(planned, now, ruas)) return;
  const auto before = store_.deliveries(planned.id);
  int attempts = 0;
  std::string waiting;
  std::string refused;
  for (const auto& rua : ruas) {
    const auto known =
        std::find_if(before.begin(), before.end(), [&](const auto& one) { return one.rua == rua.text; });
    Delivery delivery = known != before.end() ? *known : Delivery{.rua = rua.text};
    if (!delivery.done && delivery.attempts >= 0) delivery = deliver(planned, rua, delivery, now);
    store_.note_delivery(planned.id, delivery);
    if (delivery.done) continue;
    (delivery.attempts < 0 ? refused : waiting) = rua.text + ": " + delivery.note;
    attempts = std::max(attempts, delivery.attempts);
  }
  if (!waiting.empty()) return later_or_never(planned, attempts, waiting, now);
  store_.settle(planned.id, refused.empty(), refused.empty() ? "accepted" : refused);
  if (!refused.empty()) {
    log::write(log::Level::warning, "reporter",
               "the report about " + planned.domain + " was refused by " + refused);
  }
}

// Recipient domains whose own report to that rua has been accepted.
std::vector<std::string> Sender::told_already(const PlannedReport& planned, const std::string& rua) {
  std::vector<std::string> told;
  if (!planned.host) return told;
  for (auto& recipient : store_.recipients_of_host(planned.day, planned.domain)) {
    if (store_.told(planned.day, recipient, rua)) told.push_back(std::move(recipient));
  }
  return told;
}

TlsReport Sender::compose(const PlannedReport& planned, std::vector<PolicyReport> policies) const {
  TlsReport report;
  report.organization = settings_.organization;
  report.contact = settings_.contact;
  report.id = planned.id;
  report.begin = planned.day * kDaySeconds;
  report.end = report.begin + kDaySeconds - 1;
  report.policies = std::move(policies);
  return report;
}

void Sender::add_policy_texts(const PlannedReport& planned, std::vector<PolicyReport>& policies) {
  const bool any = std::any_of(policies.begin(), policies.end(),
                               [](const auto& one) { return one.type != "no-policy-found"; });
  if (!any) return;
  auto of = planned.domain;
  if (planned.host) {
    const auto recipients = store_.recipients_of_host(planned.day, planned.domain);
    if (recipients.empty()) return;
    of = recipients.front();
  }
  const auto facts = outside_.facts(of);
  if (!facts) return;
  for (auto& policy : policies) add_policy_text(*facts, policy);
}

Delivery Sender::deliver(const PlannedReport& planned, const Rua& rua, Delivery delivery, std::int64_t now) {
  auto policies = store_.policies(planned.day, planned.domain, planned.host, told_already(planned, rua.text));
  if (policies.empty()) {
    delivery.done = true;
    delivery.note = "told already in the reports of its recipient domains";
    return delivery;
  }
  add_policy_texts(planned, policies);
  const auto report = compose(planned, std::move(policies));
  const auto packed = gzip(write_report(report));
  Handed handed;
  if (rua.kind == Rua::Kind::https) {
    handed = outside_.post(rua, packed);
  } else {
    const ReportMail mail{.from = settings_.from,
                          .to = rua.mailbox,
                          .domain = planned.domain,
                          .submitter = domain_of(settings_.from),
                          .host_name = settings_.host_name,
                          .now = WallTime(std::chrono::seconds(now))};
    handed = outside_.mail({settings_.from, rua.mailbox, write_mail(mail, report, packed)});
  }
  delivery.done = handed.kind == Handed::Kind::accepted;
  delivery.note = handed.note;
  // Refused for good is remembered as a negative number of attempts.
  delivery.attempts = handed.kind == Handed::Kind::refused ? -1 : delivery.attempts + 1;
  return delivery;
}

}  // namespace postern::reporter
