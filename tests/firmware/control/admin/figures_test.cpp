// Figures over time, what goes to a supporter, and advice about DNS.
#include "firmware/control/admin/figures/figures.hpp"
#include "firmware/control/admin/figures/series.hpp"
#include "firmware/control/admin/handlers/scrub.hpp"
#include "firmware/control/admin/lookup/assistant.hpp"
#include "firmware/control/admin/server/files.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::admin;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

resolver::Answer texts(std::vector<std::string> all, bool secure = false) {
  resolver::Answer answer;
  answer.outcome = all.empty() ? resolver::Outcome::no_data : resolver::Outcome::data;
  answer.security = secure ? policy::Security::secure : policy::Security::insecure;
  answer.texts = std::move(all);
  return answer;
}

DomainAnswers all_missing() {
  DomainAnswers all;
  all.domain = "example.org";
  all.host_name = "mx.example.org";
  for (auto* answer :
       {&all.mx, &all.host_a, &all.host_aaaa, &all.spf, &all.dmarc, &all.mta_sts, &all.tlsrpt, &all.tlsa})
    *answer = texts({});
  return all;
}

std::string state_of(const Json& found, const char* kind) {
  for (const auto& record : found["records"]) {
    if (record["kind"] == kind) return record["state"];
  }
  return "";
}

}  // namespace

TEST_GROUP(AdminSeries) {
  Series series;
};

TEST(AdminSeries, GivesWhatWasAddedAndNothingElse) {
  series.add(kNow - 2, {{"in", 4}});
  series.add(kNow, {{"in", 6}});
  const auto points = series.points("in", span_of("5m"), kNow);
  LONGS_EQUAL(300, points.size());
  CHECK(points[299] == 6.0);
  CHECK(!points[298]);
  CHECK(points[297] == 4.0);
}

TEST(AdminSeries, LongSpansAreMeans) {
  for (int i = 0; i < 60; ++i) series.add(kNow - 59 + i, {{"in", i < 30 ? 0.0 : 10.0}});
  const auto points = series.points("in", span_of("24h"), kNow);
  double last = -1;
  for (const auto& point : points) last = point.value_or(last);
  CHECK(last > 3 && last < 10.1);
}

TEST(AdminSeries, OldSecondsAreNotShownAsNew) {
  series.add(kNow - 3600, {{"in", 9}});
  for (const auto& point : series.points("in", span_of("5m"), kNow)) CHECK(!point);
}

TEST_GROUP(AdminFigures){};

TEST(AdminFigures, ConnectionsAreThoseThatAreOpenNow) {
  const auto now = Json::parse(R"({"time_ns":1,"counters":{"tcp":{"established":{"total":41}},
    "shard":{"sessions_in_open":{"total":2},"sessions_out_open":{"total":1}}}})");
  LONGS_EQUAL(3, figures_of(Json::object(), now, Json::object())["connections"].get<int>());
}

TEST_GROUP(AdminScrub){};

TEST(AdminScrub, NoPersonAndNoSecretIsLeft) {
  const auto json =
      scrubbed(Json::parse(R"({"values":{"recipients.known":"anna@example.org\nbert@example.org",
    "submission.users":"anna $argon2id$x","host_name":"mx.example.org"},"log":[{"text":"from <anna.b+c@example.org> to x"}]})"));
  const auto text = json.dump();
  CHECK(text.find("anna") == std::string::npos);
  CHECK(text.find("argon2id") == std::string::npos);
  CHECK(text.find("mx.example.org") != std::string::npos);
  CHECK(text.find("@example.org> to x") != std::string::npos);
}

TEST_GROUP(AdminAssistant){};

TEST(AdminAssistant, WhatIsMissingIsInTheZoneText) {
  const auto found = advice(all_missing());
  for (const auto* kind : {"MX", "SPF", "DMARC", "MTA-STS", "TLSRPT", "A"})
    STRCMP_EQUAL("missing", state_of(found, kind).c_str());
  const auto zone = found["zone_text"].get<std::string>();
  CHECK(zone.find("example.org. IN MX 10 mx.example.org.\n") != std::string::npos);
  CHECK(zone.find("_dmarc.example.org. IN TXT \"v=DMARC1;") != std::string::npos);
}

TEST(AdminAssistant, WhatIsThereIsGood) {
  auto all = all_missing();
  all.mx = texts({});
  all.mx.outcome = resolver::Outcome::data;
  all.mx.security = policy::Security::secure;
  all.mx.mx = {{10, "mx.example.org"}};
  all.spf = texts({"v=spf1 mx -all", "unrelated"});
  all.tlsrpt = texts({"v=TLSRPTv1; rua=mailto:a@example.org"});
  const auto found = advice(all);
  for (const auto* kind : {"MX", "SPF", "TLSRPT", "DNSSEC"})
    STRCMP_EQUAL("good", state_of(found, kind).c_str());
}

TEST(AdminAssistant, TwoSpfRecordsAreWrong) {
  auto all = all_missing();
  all.spf = texts({"v=spf1 mx -all", "v=spf1 a -all"});
  STRCMP_EQUAL("wrong", state_of(advice(all), "SPF").c_str());
}

TEST(AdminAssistant, ALookupThatFailedProvesNothing) {
  auto all = all_missing();
  all.spf = resolver::no_answer("example.org", "timed out");
  STRCMP_EQUAL("unknown", state_of(advice(all), "SPF").c_str());
}

TEST(AdminAssistant, ATlsaRecordHasToFitTheKey) {
  auto all = all_missing();
  all.spki_sha256 = "00ff";
  all.host_a = texts({}, true);
  all.tlsa.outcome = resolver::Outcome::data;
  all.tlsa.security = policy::Security::secure;
  all.tlsa.tlsa = {{3, 1, 1, {0x00, 0xff}}};
  STRCMP_EQUAL("good", state_of(advice(all), "TLSA").c_str());
  all.spki_sha256 = "0000";
  STRCMP_EQUAL("wrong", state_of(advice(all), "TLSA").c_str());
}

TEST_GROUP(AdminFiles){};

TEST(AdminFiles, OnlyANameWithAHashIsKeptForEver) {
  CHECK(has_hash("/assets/app.3f2a91bc.js"));
  CHECK(has_hash("/assets/app-3F2A91BC7.css"));
  CHECK(!has_hash("/index.html"));
  CHECK(!has_hash("/assets/app.js"));
}

TEST(AdminFiles, APathIsAFileOfTheDirectoryOrTheFirstPage) {
  const Files files("/nonexistent");
  Request request;
  request.method = "GET";
  for (const auto* path : {"/..%2f", "/../x.y", "/x.y"}) {
    request.path = path;
    LONGS_EQUAL(404, files.get(request).status);
  }
  for (const auto* path : {"/queue", "/../etc/passwd"}) {
    request.path = path;
    const auto response = files.get(request);
    LONGS_EQUAL(200, response.status);
    STRCMP_CONTAINS("<!doctype html>", response.shared->c_str());
  }
}
