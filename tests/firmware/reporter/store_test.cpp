// What is counted, and what becomes of it: a store on a real file.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "firmware/control/reporter/counting.hpp"
#include "firmware/control/reporter/store/store.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::reporter;

namespace {

constexpr Day kDay = 20'000;

template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  std::memcpy(to, text.data(), std::min(text.size(), N - 1));
}

ipc::Outcome session(std::string_view domain, std::string_view host, policy::ResultType dane,
                     policy::ResultType sts) {
  ipc::Outcome outcome{};
  outcome.kind = ipc::OutcomeKind::session;
  outcome.wall_ns = kDay * kDaySeconds * 1'000'000'000ull + 5;
  outcome.peer[10] = outcome.peer[11] = 0xff;
  outcome.peer[12] = 192;
  outcome.peer[15] = 7;
  put(outcome.domain, domain);
  auto& about = outcome.session;
  about.present = 1;
  about.connected = 1;
  put(about.mx_host, host);
  put(about.helo, "hello.example");
  about.dane.policy = static_cast<std::uint8_t>(policy::PolicyType::tlsa);
  about.dane.result = static_cast<std::uint8_t>(dane);
  put(about.dane.code, dane == policy::ResultType::success ? "" : "dane-no-match");
  about.sts.policy = static_cast<std::uint8_t>(policy::PolicyType::sts);
  about.sts.result = static_cast<std::uint8_t>(sts);
  return outcome;
}

constexpr auto kGood = policy::ResultType::success;
constexpr auto kBad = policy::ResultType::validation_failure;

struct Directory {
  std::string path = "/tmp/postern-reporter-XXXXXX";
  Directory() { CHECK(::mkdtemp(path.data()) != nullptr); }
  ~Directory() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_GROUP(ReportStore) {
  Directory directory;
  std::unique_ptr<Store> store = std::make_unique<Store>(directory.path + "/db");

  void count(const ipc::Outcome& outcome) {
    std::vector<Counted> counted;
    add_counted(outcome, counted);
    store->count(counted);
  }
};

TEST(ReportStore, both_policies_of_each_attempt_are_counted) {
  count(session("Example.org", "mx.example.org.", kGood, kGood));
  count(session("example.org", "mx.example.org", kBad, kGood));
  const auto all = store->policies(kDay, "example.org", false);
  LONGS_EQUAL(2, all.size());
  STRCMP_EQUAL("sts", all[0].type.c_str());
  STRCMP_EQUAL("example.org", all[0].domain.c_str());
  LONGS_EQUAL(2, all[0].successes);
  STRCMP_EQUAL("tlsa", all[1].type.c_str());
  STRCMP_EQUAL("mx.example.org", all[1].domain.c_str());
  LONGS_EQUAL(1, all[1].successes);
  LONGS_EQUAL(1, all[1].failures);
  LONGS_EQUAL(1, all[1].details.size());
  const auto& detail = all[1].details[0];
  STRCMP_EQUAL("validation-failure", detail.result.c_str());
  STRCMP_EQUAL("dane-no-match", detail.code.c_str());
  STRCMP_EQUAL("192.0.0.7", detail.receiving_ip.c_str());
  STRCMP_EQUAL("hello.example", detail.mx_helo.c_str());
  LONGS_EQUAL(1, detail.sessions);
}

TEST(ReportStore, sessions_that_are_not_to_be_reported_are_not_counted) {
  auto report = session("example.org", "mx.example.org", kBad, kBad);
  report.session.is_report = 1;
  count(report);
  auto unwilling = session("example.org", "mx.example.org", kBad, kGood);
  unwilling.session.tls_required_no = 1;
  count(unwilling);
  auto other = session("example.org", "mx.example.org", kBad, kBad);
  other.kind = ipc::OutcomeKind::delivered;
  count(other);
  auto nonsense = session("no domain", "mx", kBad, kBad);
  count(nonsense);
  nonsense = session("example.org", "mx.example.org", kBad, kBad);
  nonsense.session.dane.result = 200;
  nonsense.session.sts.policy = 9;
  count(nonsense);
  const auto all = store->policies(kDay, "example.org", false);
  LONGS_EQUAL(1, all.size());
  LONGS_EQUAL(1, all[0].successes);
  LONGS_EQUAL(0, all[0].failures);
}

TEST(ReportStore, days_are_utc_days) {
  auto late = session("example.org", "mx.example.org", kGood, kGood);
  late.wall_ns = (kDay + 1) * kDaySeconds * 1'000'000'000ull - 1;
  count(late);
  late.wall_ns += 1;
  count(late);
  LONGS_EQUAL(1, store->policies(kDay, "example.org", false)[0].successes);
  LONGS_EQUAL(1, store->policies(kDay + 1, "example.org", false)[0].successes);
}

TEST(ReportStore, a_host_hears_of_all_recipients_but_those_told_already) {
  count(session("a.example", "mx.example", kGood, kGood));
  count(session("b.example", "mx.example", kBad, kGood));
  count(session("c.example", "mx.example", kBad, kGood));
  auto all = store->policies(kDay, "mx.example", true);
  LONGS_EQUAL(1, all.size());
  LONGS_EQUAL(1, all[0].successes);
  LONGS_EQUAL(2, all[0].failures);
  LONGS_EQUAL(1, all[0].details.size());
  LONGS_EQUAL(2, all[0].details[0].sessions);
  all = store->policies(kDay, "mx.example", true, {"b.example", "a.example"});
  LONGS_EQUAL(0, all[0].successes);
  LONGS_EQUAL(1, all[0].failures);
  CHECK(store->policies(kDay, "mx.example", true, {"a.example", "b.example", "c.example"}).empty());
}

TEST(ReportStore, foreign_texts_do_not_fill_the_disk) {
  for (int i = 0; i < 500; ++i) {
    auto one = session("example.org", "mx.example.org", kBad, kGood);
    std::memset(one.session.helo, 0, sizeof one.session.helo);
    put(one.session.helo, "helo" + std::to_string(i));
    count(one);
  }
  const auto all = store->policies(kDay, "example.org", false);
  LONGS_EQUAL(500, all[1].failures);
  CHECK(all[1].details.size() <= 201);
  std::uint64_t sum = 0;
  for (const auto& detail : all[1].details) sum += detail.sessions;
  LONGS_EQUAL(500, sum);
}

TEST(ReportStore, what_was_counted_is_there_after_the_file_is_opened_again) {
  count(session("example.org", "mx.example.org", kGood, kGood));
  store = std::make_unique<Store>(directory.path + "/db");
  LONGS_EQUAL(1, store->policies(kDay, "example.org", false)[0].successes);
}

TEST(ReportStore, a_day_is_planned_once_recipients_before_hosts) {
  count(session("a.example", "mx.example", kGood, kGood));
  CHECK(store->unplanned(kDay).empty());  // the day is not over
  auto open = store->unplanned(kDay + 1);
  LONGS_EQUAL(2, open.size());
  STRCMP_EQUAL("a.example", open[0].domain.c_str());
  CHECK(open[1].host);
  for (const auto& one : open) {
    store->plan(
        {.id = one.domain, .day = one.day, .domain = one.domain, .host = one.host, .next = 100, .due = 100});
  }
  CHECK(store->unplanned(kDay + 1).empty());
  store->plan({.id = "other", .day = kDay, .domain = "a.example", .host = false, .next = 1, .due = 1});
  LONGS_EQUAL(2, store->due(100, 10).size());
  LONGS_EQUAL(0, store->due(99, 10).size());
  LONGS_EQUAL(100, store->next_due());
}

TEST(ReportStore, what_became_of_a_report_is_remembered) {
  store->plan({.id = "1", .day = kDay, .domain = "a.example", .host = false, .next = 5, .due = 5});
  store->note_delivery("1", {.rua = "mailto:a@a.example", .done = true, .attempts = 1, .note = "ok"});
  store->note_delivery("1",
                       {.rua = "https://a.example/", .done = false, .attempts = 2, .note = "status 500"});
  CHECK(store->told(kDay, "a.example", "mailto:a@a.example"));
  CHECK_FALSE(store->told(kDay, "a.example", "https://a.example/"));
  CHECK_FALSE(store->told(kDay + 1, "a.example", "mailto:a@a.example"));
  store->postpone("1", 50, "later");
  CHECK(store->due(49, 10).empty());
  store->settle("1", true, "accepted");
  CHECK(store->due(1000, 10).empty());
  const auto sent = store->sent(10);
  LONGS_EQUAL(1, sent.size());
  STRCMP_EQUAL("sent", sent[0].state.c_str());
  LONGS_EQUAL(2, sent[0].deliveries.size());
}

TEST(ReportStore, a_report_that_came_twice_is_kept_once) {
  ReceivedReport received;
  received.read.report = {
      .organization = "them",
      .begin = 1,
      .end = 2,
      .id = "7",
      .policies = {{.type = "sts", .domain = "us.example", .successes = 3, .failures = 1}}};
  CHECK(store->keep(received, kDay * kDaySeconds));
  CHECK_FALSE(store->keep(received, kDay * kDaySeconds + 1));
  const auto all = store->received(10);
  LONGS_EQUAL(1, all.size());
  STRCMP_EQUAL("us.example", all[0].domains.c_str());
  LONGS_EQUAL(3, all[0].successes);
  const auto whole = store->received_report(all[0].number);
  CHECK(whole.has_value());
  CHECK(whole->report == received.read.report);
  CHECK_FALSE(store->received_report(99).has_value());
}

TEST(ReportStore, what_is_old_is_forgotten) {
  count(session("a.example", "mx.example", kBad, kGood));
  store->plan({.id = "1", .day = kDay, .domain = "a.example", .host = false, .next = 5, .due = 5});
  store->forget(kDay);
  LONGS_EQUAL(2, store->policies(kDay, "a.example", false).size());
  store->forget(kDay + 1);
  CHECK(store->policies(kDay, "a.example", false).empty());
  CHECK(store->sent(10).empty());
}

TEST(ReportStore, a_file_that_is_no_database_is_told) {
  std::filesystem::create_directories(directory.path + "/dir");
  CHECK_THROWS(DatabaseError, Store(directory.path + "/dir"));
}
