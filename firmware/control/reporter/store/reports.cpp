// The store: reports on their way out, and those that came in. See store.hpp.
#include <algorithm>

#include "firmware/control/reporter/store/store.hpp"

namespace postern::reporter {
namespace {

enum State : int { kPlanned = 0, kSent = 1, kDropped = 2 };

const char* name_of(std::int64_t state) {
  return state == kPlanned ? "planned" : state == kSent ? "sent" : "dropped";
}

PlannedReport planned_row(const Query& row) {
  return {.id = row.text(0),
          .day = row.number(1),
          .domain = row.text(2),
          .host = row.number(3) != 0,
          .next = row.number(5),
          .due = row.number(4)};
}

std::string domains_of(const TlsReport& report) {
  std::vector<std::string> domains;
  for (const auto& policy : report.policies) {
    if (std::find(domains.begin(), domains.end(), policy.domain) == domains.end())
      domains.push_back(policy.domain);
  }
  constexpr std::size_t kShown = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(domains.size(), kShown); ++i) text += (i == 0 ? "" : ",") + domains[i];
  return text;
}

}  // namespace

std::vector<Store::Subject> Store::unplanned(Day today) {
  std::vector<Subject> all;
  // Recipient domains first: what a host hears depends on what they have heard.
  auto rows = database_.query(
      "SELECT day, name, host FROM (SELECT DISTINCT day, recipient AS name, 0 AS host FROM results WHERE "
      "day<?1 "
      "UNION SELECT DISTINCT day, domain, 1 FROM results WHERE day<?1 AND host=1) AS subject WHERE NOT "
      "EXISTS "
      "(SELECT 1 FROM reports WHERE reports.day=subject.day AND reports.domain=subject.name AND "
      "reports.host=subject.host) ORDER BY host");
  rows.with(today);
  while (rows.step()) all.push_back({rows.number(0), rows.text(1), rows.number(2) != 0});
  return all;
}

void Store::plan(const PlannedReport& report) {
  database_.query("INSERT OR IGNORE INTO reports VALUES(?,?,?,?,?,?,?,'')")
      .with(report.id, report.day, report.domain, report.host, report.due, report.next,
            static_cast<int>(kPlanned))
      .run();
}

std::vector<PlannedReport> Store::due(std::int64_t now, std::size_t most) {
  std::vector<PlannedReport> all;
  auto rows = database_.query(
      "SELECT id, day, domain, host, due, next FROM reports WHERE state=0 AND next<=? ORDER BY next LIMIT ?");
  rows.with(now, most);
  while (rows.step()) all.push_back(planned_row(rows));
  return all;
}

std::int64_t Store::next_due() {
  auto row = database_.query("SELECT MIN(next) FROM reports WHERE state=0");
  return row.step() ? row.number(0) : 0;
}

void Store::postpone(const std::string& id, std::int64_t next, const std::string& note) {
  database_.query("UPDATE reports SET next=?, note=? WHERE id=?").with(next, note, id).run();
}

void Store::settle(const std::string& id, bool sent, const std::string& note) {
  database_.query("UPDATE reports SET state=?, note=? WHERE id=?")
      .with(static_cast<int>(sent ? kSent : kDropped), note, id)
      .run();
}

std::vector<Delivery> Store::deliveries(const std::string& id) {
  std::vector<Delivery> all;
  auto rows = database_.query("SELECT rua, done, attempts, note FROM deliveries WHERE report=?");
  rows.with(id);
  while (rows.step())
    all.push_back({rows.text(0), rows.number(1) != 0, static_cast<int>(rows.number(2)), rows.text(3)});
  return all;
}

void Store::note_delivery(const std::string& id, const Delivery& delivery) {
  database_.query("INSERT OR REPLACE INTO deliveries VALUES(?,?,?,?,?)")
      .with(id, delivery.rua, delivery.done, delivery.attempts, delivery.note)
      .run();
}

bool Store::told(Day day, const std::string& recipient, const std::string& rua) {
  auto row = database_.query(
      "SELECT 1 FROM reports JOIN deliveries ON report=id WHERE day=? AND domain=? AND host=0 AND rua=? AND "
      "done=1");
  return row.with(day, recipient, rua).step();
}

std::vector<ReportState> Store::sent(std::size_t most) {
  std::vector<ReportState> all;
  {
    auto rows = database_.query(
        "SELECT id, day, domain, host, due, next, state, note FROM reports ORDER BY day DESC, domain LIMIT "
        "?");
    rows.with(most);
    while (rows.step()) all.push_back({planned_row(rows), name_of(rows.number(6)), rows.text(7), {}});
  }
  for (auto& one : all) one.deliveries = deliveries(one.report.id);
  return all;
}

bool Store::keep(const ReceivedReport& received, std::int64_t now) {
  const auto& report = received.read.report;
  std::uint64_t good = 0;
  std::uint64_t bad = 0;
  for (const auto& policy : report.policies) {
    good += policy.successes;
    bad += policy.failures;
  }
  constexpr std::uint64_t kMost = INT64_MAX;
  database_.query("INSERT OR IGNORE INTO received VALUES(NULL,?,?,?,?,?,?,?,?,?)")
      .with(now, report.organization, report.id, report.begin, report.end, domains_of(report),
            std::min(good, kMost), std::min(bad, kMost), write_report(report))
      .run();
  return database_.changes() != 0;
}

std::vector<ReceivedEntry> Store::received(std::size_t most) {
  std::vector<ReceivedEntry> all;
  auto rows = database_.query(
      "SELECT number, arrived, organization, id, begins, ends, domains, successes, failures FROM received "
      "ORDER BY number "
      "DESC LIMIT ?");
  rows.with(most);
  while (rows.step()) {
    all.push_back({rows.number(0), rows.number(1), rows.text(2), rows.text(3), rows.number(4), rows.number(5),
                   rows.text(6), static_cast<std::uint64_t>(rows.number(7)),
                   static_cast<std::uint64_t>(rows.number(8))});
  }
  return all;
}

std::optional<ReadReport> Store::received_report(std::int64_t number) {
  auto row = database_.query("SELECT json FROM received WHERE number=?");
  if (!row.with(number).step()) return std::nullopt;
  auto read = read_report(row.text(0));
  if (!read) return std::nullopt;
  return std::move(*read);
}

}  // namespace postern::reporter
