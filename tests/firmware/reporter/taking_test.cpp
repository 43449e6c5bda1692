// Reports of others on their way in: written by control, read, kept and removed by the reporter.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "firmware/control/outbox/ingest.hpp"
#include "firmware/control/outbox/intake.hpp"
#include "firmware/control/reporter/report/gzip.hpp"
#include "firmware/control/reporter/taking.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::reporter;

namespace {

const std::string kReport =
    R"({"organization-name":"Far","date-range":{"start-datetime":"2026-11-21T00:00:00Z",
"end-datetime":"2026-11-21T23:59:59Z"},"contact-info":"tls@far.example","report-id":"far-1",
"policies":[{"policy":{"policy-type":"no-policy-found","policy-domain":"example.org"},
"summary":{"total-successful-session-count":5,"total-failure-session-count":0}}]})";

}  // namespace

TEST_GROUP(TakingReports) {
  std::string directory;
  void setup() override {
    char name[] = "/tmp/postern-taking-XXXXXX";
    directory = ::mkdtemp(name);
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
  }
  std::size_t waiting() const {
    return control::list_intake(directory, 1000).size();
  }
  std::ptrdiff_t aside() const {
    const std::filesystem::directory_iterator all(directory);
    return std::count_if(begin(all), end(all), [](const auto& one) { return one.path().extension() == ".unread"; });
  }
};

TEST(TakingReports, a_report_is_kept_and_gone_from_the_intake) {
  Store store(directory + "/reports.sqlite");
  CHECK(control::put_in_intake(directory, as_bytes(kReport)).has_value());
  LONGS_EQUAL(1, take_reports(store, directory, 10, 1000).kept);
  LONGS_EQUAL(0, waiting());
  LONGS_EQUAL(1, store.received(10).size());
  STRCMP_EQUAL("far-1", store.received(10)[0].id.c_str());
}

TEST(TakingReports, a_packed_one_too_and_the_same_one_counts_once) {
  Store store(directory + "/reports.sqlite");
  const auto packed = gzip(kReport);
  CHECK(control::put_in_intake(directory, as_bytes(packed)).has_value());
  CHECK(control::put_in_intake(directory, as_bytes(packed)).has_value());
  LONGS_EQUAL(1, waiting());
  LONGS_EQUAL(1, take_reports(store, directory, 10, 1000).kept);
  CHECK(control::put_in_intake(directory, as_bytes(kReport)).has_value());
  LONGS_EQUAL(1, take_reports(store, directory, 10, 1000).known);
}

TEST(TakingReports, nonsense_is_set_aside_and_only_the_latest_of_it_stay) {
  Store store(directory + "/reports.sqlite");
  CHECK(control::put_in_intake(directory, as_bytes(std::string_view("no report"))).has_value());
  LONGS_EQUAL(1, take_reports(store, directory, 10, 1000).faulty);
  LONGS_EQUAL(0, waiting());
  LONGS_EQUAL(1, aside());
  for (int i = 0; i < 30; ++i) control::put_in_intake(directory, as_bytes("no " + std::to_string(i)));
  LONGS_EQUAL(30, take_reports(store, directory, 50, 1000).faulty);
  LONGS_EQUAL(0, waiting());
  LONGS_EQUAL(20, aside());
}

TEST(TakingReports, what_is_too_large_or_too_much_is_refused) {
  CHECK(!control::put_in_intake(directory, as_bytes(std::string(control::kMostReportBytes + 1, 'x'))));
  CHECK(!control::put_in_intake(directory, Bytes()));
  for (std::size_t i = 0; i < control::kMostWaiting; ++i) {
    CHECK(control::put_in_intake(directory, as_bytes("x" + std::to_string(i))).has_value());
  }
  CHECK(!control::put_in_intake(directory, as_bytes(std::string_view("one more"))));
}

TEST(TakingReports, a_bounded_number_is_taken_at_once) {
  Store store(directory + "/reports.sqlite");
  for (int i = 0; i < 5; ++i) control::put_in_intake(directory, as_bytes("x" + std::to_string(i)));
  LONGS_EQUAL(3, take_reports(store, directory, 3, 1000).faulty);
  LONGS_EQUAL(2, waiting());
}

TEST(TakingReports, the_door_takes_base64_and_nothing_else) {
  LONGS_EQUAL(3, control::ingest_answer({{"data", "YWJj"}}, directory)["taken"].get<int>());
  LONGS_EQUAL(1, waiting());
  CHECK(control::ingest_answer({{"data", "***"}}, directory).contains("error"));
  CHECK(control::ingest_answer({{"data", ""}}, directory).contains("error"));
  LONGS_EQUAL(1, waiting());
}
