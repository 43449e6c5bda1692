// The store: its tables, and the counting. See the header.
#include "firmware/control/reporter/store/store.hpp"

#include <algorithm>

namespace postern::reporter {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS results(
  day INTEGER, recipient TEXT, domain TEXT, host INTEGER, policy INTEGER, successes INTEGER, failures INTEGER,
  PRIMARY KEY(day, recipient, domain, host, policy)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS results_of_domain ON results(day, domain, host);
CREATE TABLE IF NOT EXISTS details(
  day INTEGER, recipient TEXT, domain TEXT, host INTEGER, policy INTEGER, result INTEGER, sending_ip TEXT,
  mx_host TEXT, mx_helo TEXT, receiving_ip TEXT, code TEXT, information TEXT, sessions INTEGER,
  PRIMARY KEY(day, recipient, domain, host, policy, result, sending_ip, mx_host, mx_helo, receiving_ip, code,
  information)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard(one INTEGER PRIMARY KEY, run INTEGER, number INTEGER);
CREATE TABLE IF NOT EXISTS reports(
  id TEXT PRIMARY KEY, day INTEGER, domain TEXT, host INTEGER, due INTEGER, next INTEGER, state INTEGER,
  note TEXT, UNIQUE(day, domain, host));
CREATE INDEX IF NOT EXISTS reports_due ON reports(state, next);
CREATE TABLE IF NOT EXISTS deliveries(
  report TEXT, rua TEXT, done INTEGER, attempts INTEGER, note TEXT, PRIMARY KEY(report, rua)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS received(
  number INTEGER PRIMARY KEY, arrived INTEGER, organization TEXT, id TEXT, begins INTEGER, ends INTEGER,
  domains TEXT, successes INTEGER, failures INTEGER, json TEXT, UNIQUE(organization, id, begins));
)";

// Foreign servers choose the texts in details: beyond so many different rows of one kind, the texts are left
// out, so that nobody fills the disk.
constexpr std::int64_t kMostDetailRows = 200;

constexpr std::size_t kMostDetailText = 255;

std::string_view cut(const std::string& text) {
  return std::string_view(text).substr(0, kMostDetailText);
}

}  // namespace

Store::Store(const std::string& path, Database::Access access) : database_(path, access) {
  if (access == Database::Access::write) prepare();
}

void Store::prepare() {
  database_.run(kTables);
}

void Store::count(std::span<const Counted> results) {
  Transaction all(database_);
  for (const auto& result : results) count_one(result);
  all.commit();
}

void Store::count(std::span<const Counted> results, std::uint64_t run, std::uint64_t number) {
  Transaction all(database_);
  for (const auto& result : results) count_one(result);
  // Only the latest life of control matters.
  database_.query("INSERT OR REPLACE INTO heard VALUES(1,?,?)").with(run, number).run();
  all.commit();
}

std::uint64_t Store::safe(std::uint64_t run) {
  auto row = database_.query("SELECT number FROM heard WHERE run=?");
  return row.with(run).step() ? static_cast<std::uint64_t>(row.number(0)) : 0;
}

void Store::count_one(const Counted& one) {
  const bool good = one.result == policy::ResultType::success;
  database_
      .query(
          "INSERT INTO results VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO UPDATE SET "
          "successes=successes+?6, failures=failures+?7")
      .with(one.day, one.recipient, one.domain, one.host, static_cast<int>(one.policy), good, !good)
      .run();
  if (!good) count_failure(one);
}

void Store::count_failure(const Counted& one) {
  const auto type = static_cast<int>(one.policy);
  auto rows = database_.query(
      "SELECT COUNT(*) FROM details WHERE day=? AND recipient=? AND domain=? AND host=? AND policy=?");
  rows.with(one.day, one.recipient, one.domain, one.host, type).step();
  const bool full = rows.number(0) >= kMostDetailRows;
  database_
      .query(
          "INSERT INTO details VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,1) ON CONFLICT DO UPDATE SET "
          "sessions=sessions+1")
      .with(one.day, one.recipient, one.domain, one.host, type, static_cast<int>(one.result),
            full ? std::string_view() : cut(one.detail.sending_ip),
            full ? std::string_view() : cut(one.detail.mx_host),
            full ? std::string_view() : cut(one.detail.mx_helo),
            full ? std::string_view() : cut(one.detail.receiving_ip),
            full ? std::string_view() : cut(one.detail.code),
            full ? std::string_view() : cut(one.detail.information))
      .run();
}

void Store::add_details(PolicyReport& out, Day day, const std::string& recipient, const std::string& domain,
                        bool host, int type) {
  auto rows = database_.query(
      "SELECT result, sending_ip, mx_host, mx_helo, receiving_ip, code, information, sessions FROM details "
      "WHERE day=? AND recipient=? AND domain=? AND host=? AND policy=?");
  rows.with(day, recipient, domain, host, type);
  while (rows.step()) {
    FailureDetail detail;
    detail.result = std::string(policy::name_of(static_cast<policy::ResultType>(rows.number(0))));
    detail.sending_ip = rows.text(1);
    detail.mx_host = rows.text(2);
    detail.mx_helo = rows.text(3);
    detail.receiving_ip = rows.text(4);
    detail.code = rows.text(5);
    detail.information = rows.text(6);
    const auto sessions = static_cast<std::uint64_t>(rows.number(7));
    const auto same = std::find_if(out.details.begin(), out.details.end(), [&](FailureDetail other) {
      other.sessions = 0;
      return other == detail;
    });
    if (same != out.details.end()) {
      same->sessions += sessions;
    } else {
      detail.sessions = sessions;
      out.details.push_back(std::move(detail));
    }
  }
}

std::vector<PolicyReport> Store::policies(Day day, const std::string& domain, bool host,
                                          const std::vector<std::string>& without) {
  std::vector<PolicyReport> all;
  auto rows = database_.query(
      host ? "SELECT recipient, domain, host, policy, successes, failures FROM results WHERE day=? AND "
             "domain=? AND host=1 ORDER BY domain, policy"
           : "SELECT recipient, domain, host, policy, successes, failures FROM results WHERE day=? AND "
             "recipient=? ORDER BY host, domain, policy");
  rows.with(day, domain);
  while (rows.step()) {
    const auto recipient = rows.text(0);
    if (std::find(without.begin(), without.end(), recipient) != without.end()) continue;
    const auto type = static_cast<int>(rows.number(3));
    const auto name = policy::name_of(static_cast<policy::PolicyType>(type));
    const auto about = rows.text(1);
    auto same = std::find_if(all.begin(), all.end(),
                             [&](const auto& one) { return one.type == name && one.domain == about; });
    if (same == all.end()) {
      all.push_back({.type = std::string(name), .domain = about});
      same = all.end() - 1;
    }
    same->successes += static_cast<std::uint64_t>(rows.number(4));
    same->failures += static_cast<std::uint64_t>(rows.number(5));
    add_details(*same, day, recipient, about, rows.number(2) != 0, type);
  }
  return all;
}

std::vector<std::string> Store::recipients_of_host(Day day, const std::string& host) {
  std::vector<std::string> all;
  auto rows = database_.query("SELECT DISTINCT recipient FROM results WHERE day=? AND domain=? AND host=1");
  rows.with(day, host);
  while (rows.step()) all.push_back(rows.text(0));
  return all;
}

std::vector<std::string> Store::hosts_of_recipient(Day day, const std::string& recipient) {
  std::vector<std::string> all;
  auto rows = database_.query("SELECT DISTINCT domain FROM results WHERE day=? AND recipient=? AND host=1");
  rows.with(day, recipient);
  while (rows.step()) all.push_back(rows.text(0));
  return all;
}

void Store::forget(Day before) {
  Transaction all(database_);
  for (const char* sql : {"DELETE FROM results WHERE day<?", "DELETE FROM details WHERE day<?",
                          "DELETE FROM deliveries WHERE report IN (SELECT id FROM reports WHERE day<?)",
                          "DELETE FROM reports WHERE day<?", "DELETE FROM received WHERE arrived<?1*86400"}) {
    database_.query(sql).with(before).run();
  }
  all.commit();
}

}  // namespace postern::reporter
