// What the reporter remembers: results of each day, reports to send and what became of them, reports that
// others sent us. One SQLite file; it may be opened by several processes and threads, each with a Store.
//
// What was committed survives a kill at any moment. A report's id is fixed when it is planned, before
// anything of it leaves, so a crash between sending and noting gives at most the same report twice, with the
// same id.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firmware/control/reporter/report/mail_reader.hpp"
#include "firmware/control/reporter/report/tls_report.hpp"
#include "firmware/control/reporter/store/database.hpp"
#include "firmware/policy/tlsrpt/result.hpp"

namespace postern::reporter {

using Day = std::int64_t;  // days since 1970-01-01, UTC
inline constexpr std::int64_t kDaySeconds = 86400;

// How one policy fared in one attempt.
struct Counted {
  Day day = 0;
  std::string recipient;  // domain of the recipients
  std::string domain;     // policy domain: the recipient domain, or the MX host
  bool host = false;      // it is an MX host
  policy::PolicyType policy = policy::PolicyType::no_policy_found;
  policy::ResultType result = policy::ResultType::success;
  FailureDetail detail;  // where the result is no success; its `result` and `sessions` are not looked at
};

struct PlannedReport {
  std::string id;
  Day day = 0;
  std::string domain;
  bool host = false;
  std::int64_t next = 0;  // when to see to it, seconds since 1970
  std::int64_t due = 0;   // when that was first
};

struct Delivery {
  std::string rua;
  bool done = false;
  int attempts = 0;
  std::string note;  // of the last attempt
};

struct ReportState {
  PlannedReport report;
  std::string state;  // "planned", "sent", "dropped"
  std::string note;
  std::vector<Delivery> deliveries;
};

struct ReceivedEntry {
  std::int64_t number = 0;
  std::int64_t arrived = 0;
  std::string organization;
  std::string id;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::string domains;  // policy domains, comma between them
  std::uint64_t successes = 0;
  std::uint64_t failures = 0;
};

class Store {
 public:
  explicit Store(const std::string& path, Database::Access access = Database::Access::write);

  // Results.
  void count(std::span<const Counted> results);
  // The same, and notes in the same breath that what control's life `run` told is safe up to `number`.
  void count(std::span<const Counted> results, std::uint64_t run, std::uint64_t number);
  // Up to which number that is; 0: nothing yet.
  std::uint64_t safe(std::uint64_t run);
  // The policies of one day's report. For a recipient domain: all of its policies, those of its hosts too.
  // For a host: its own, of the recipient domains that are not in `without`.
  std::vector<PolicyReport> policies(Day day, const std::string& domain, bool host,
                                     const std::vector<std::string>& without = {});
  std::vector<std::string> recipients_of_host(Day day, const std::string& host);
  std::vector<std::string> hosts_of_recipient(Day day, const std::string& recipient);

  // Reports to send.
  struct Subject {
    Day day;
    std::string domain;
    bool host;
  };
  // Days before `today` with results that have no planned report yet.
  std::vector<Subject> unplanned(Day today);
  void plan(const PlannedReport& report);
  std::vector<PlannedReport> due(std::int64_t now, std::size_t most);
  std::int64_t next_due();  // 0: nothing planned
  void postpone(const std::string& id, std::int64_t next, const std::string& note);
  void settle(const std::string& id, bool sent, const std::string& note);
  std::vector<Delivery> deliveries(const std::string& id);
  void note_delivery(const std::string& id, const Delivery& delivery);
  // A report about that recipient domain, of that day, was accepted at that rua.
  bool told(Day day, const std::string& recipient, const std::string& rua);
  std::vector<ReportState> sent(std::size_t most);

  // Reports received. False where that very report is there already.
  bool keep(const ReceivedReport& received, std::int64_t now);
  std::vector<ReceivedEntry> received(std::size_t most);
  std::optional<ReadReport> received_report(std::int64_t number);

  // Forgets what is older.
  void forget(Day before);

 private:
  void prepare();
  void count_one(const Counted& result);
  void count_failure(const Counted& result);
  void add_details(PolicyReport& policy, Day day, const std::string& recipient, const std::string& domain,
                   bool host, int type);

  Database database_;
};

}  // namespace postern::reporter
