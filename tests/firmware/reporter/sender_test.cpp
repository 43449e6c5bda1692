// Reports on their way out, with a world made of tables.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "firmware/control/reporter/report/gzip.hpp"
#include "firmware/control/reporter/report/mail_reader.hpp"
#include "firmware/control/reporter/send/https_post.hpp"
#include "firmware/control/reporter/send/sender.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::reporter;

namespace {

constexpr Day kDay = 20'000;
constexpr std::int64_t kMidnight = (kDay + 1) * kDaySeconds;
constexpr std::int64_t kHour = 3600;

struct World final : Outside {
  std::map<std::string, Texts> dns;
  std::map<std::string, policy::Facts> known;
  std::vector<std::pair<std::string, TlsReport>> posted;
  std::vector<OutgoingMail> mailed;
  Handed answer{Handed::Kind::accepted, "ok"};
  std::optional<Handed> mail_answer;  // where it is another one
  bool crash_after_handing_over = false;
  std::uint64_t dice = 0;
  int asked = 0;

  Texts texts(const std::string& name) override {
    ++asked;
    const auto found = dns.find(name);
    return found == dns.end() ? Texts{.known = true} : found->second;
  }
  std::optional<policy::Facts> facts(const std::string& domain) override {
    const auto found = known.find(domain);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }
  Handed post(const Rua& rua, std::string_view packed) override {
    auto read = read_received(packed);
    if (read) posted.emplace_back(rua.text, read->read.report);
    if (crash_after_handing_over) throw std::runtime_error("crash");
    return answer;
  }
  Handed mail(const OutgoingMail& mail) override {
    mailed.push_back(mail);
    return mail_answer.value_or(answer);
  }
  std::uint64_t random(std::uint64_t limit) override { return limit == 0 ? 0 : ++dice * 7919 % limit; }
};

Counted counted(const std::string& recipient, const std::string& host, policy::ResultType result) {
  Counted one;
  one.day = kDay;
  one.recipient = recipient;
  one.domain = host.empty() ? recipient : host;
  one.host = !host.empty();
  one.policy = host.empty() ? policy::PolicyType::sts : policy::PolicyType::tlsa;
  one.result = result;
  one.detail.code = "a-code";
  return one;
}

constexpr auto kGood = policy::ResultType::success;
constexpr auto kBad = policy::ResultType::certificate_expired;

Texts record(const std::string& rua) {
  return {.known = true, .texts = {"v=TLSRPTv1; rua=" + rua}, .why = {}};
}

}  // namespace

TEST_GROUP(ReportSender) {
  std::string path = "/tmp/postern-sender-XXXXXX";
  std::unique_ptr<Store> store;
  World world;
  SenderSettings settings{.host_name = "gw.example.net",
                          .from = "tlsrpt@example.net",
                          .organization = "Example",
                          .contact = "tlsrpt@example.net"};

  void setup() override {
    CHECK(::mkdtemp(path.data()) != nullptr);
    store = std::make_unique<Store>(path + "/db");
  }
  void teardown() override {
    store.reset();
    std::filesystem::remove_all(path);
  }
  void count(const Counted& one) {
    store->count({&one, 1});
  }
  // Turns from `from` to `to`, as the sender asks for them.
  void run(std::int64_t from, std::int64_t to) {
    Sender sender(*store, world);
    sender.configure(settings);
    for (auto now = from; now <= to; now = std::max(sender.turn(now), now + 1)) continue;
  }
};

TEST(ReportSender, nothing_leaves_before_the_day_is_over_and_settled) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/in");
  run(kMidnight - 1000, kMidnight + Sender::kSettle - 1);
  CHECK(world.posted.empty());
  run(kMidnight + Sender::kSettle, kMidnight + 6 * kHour);
  LONGS_EQUAL(1, world.posted.size());
}

TEST(ReportSender, reports_leave_at_times_spread_over_hours) {
  settings.spread = 4 * kHour;
  for (int i = 0; i < 40; ++i) {
    count(counted("d" + std::to_string(i) + ".example", "", kGood));
    world.dns["_smtp._tls.d" + std::to_string(i) + ".example"] = record("https://r.example/in");
  }
  run(kMidnight + 300, kMidnight + 300 + 2 * kHour);
  CHECK(world.posted.size() > 5 && world.posted.size() < 35);
  run(kMidnight + 300 + 2 * kHour, kMidnight + 600 + 4 * kHour);
  LONGS_EQUAL(40, world.posted.size());
}

TEST(ReportSender, the_report_covers_the_day_and_says_what_was_found) {
  count(counted("a.example", "", kGood));
  count(counted("a.example", "", kBad));
  count(counted("a.example", "mx.a.example", kGood));
  auto& facts = world.known["a.example"];
  facts.domain = "a.example";
  facts.sts.state = policy::StsState::policy;
  facts.sts.text = "version: STSv1\r\nmode: enforce\nmx: *.a.example\n";
  facts.sts.mx = {"*.a.example"};
  facts.hosts.push_back({.name = "mx.a.example", .tlsa = {{3, 1, 1, {0xab, 0x01}}}});
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/in");
  run(kMidnight + 300, kMidnight + 5 * kHour);
  LONGS_EQUAL(1, world.posted.size());
  const auto& report = world.posted[0].second;
  LONGS_EQUAL(kDay * kDaySeconds, report.begin);
  LONGS_EQUAL(kMidnight - 1, report.end);
  STRCMP_EQUAL("Example", report.organization.c_str());
  LONGS_EQUAL(2, report.policies.size());
  LONGS_EQUAL(1, report.policies[0].failures);
  LONGS_EQUAL(3, report.policies[0].strings.size());
  STRCMP_EQUAL("mode: enforce", report.policies[0].strings[1].c_str());
  STRCMP_EQUAL("*.a.example", report.policies[0].mx_patterns.at(0).c_str());
  STRCMP_EQUAL("certificate-expired", report.policies[0].details.at(0).result.c_str());
  STRCMP_EQUAL("3 1 1 AB01", report.policies[1].strings.at(0).c_str());
}

TEST(ReportSender, by_mail_it_is_a_message_from_us_to_the_one_who_asked) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("mailto:r@a.example");
  run(kMidnight + 300, kMidnight + 5 * kHour);
  LONGS_EQUAL(1, world.mailed.size());
  STRCMP_EQUAL("tlsrpt@example.net", world.mailed[0].from.c_str());
  STRCMP_EQUAL("r@a.example", world.mailed[0].to.c_str());
  const auto read = read_received(world.mailed[0].message);
  CHECK(read.has_value());
  STRCMP_EQUAL("a.example", read->domain.c_str());
  STRCMP_EQUAL("example.net", read->submitter.c_str());
}

TEST(ReportSender, who_does_not_ask_gets_nothing) {
  count(counted("a.example", "", kGood));
  count(counted("b.example", "", kGood));
  world.dns["_smtp._tls.b.example"] = {.known = true, .texts = {"v=TLSRPTv1;"}, .why = {}};
  run(kMidnight + 300, kMidnight + 5 * kHour);
  CHECK(world.posted.empty() && world.mailed.empty());
  const auto asked = world.asked;
  run(kMidnight + 5 * kHour, kMidnight + 20 * kHour);
  LONGS_EQUAL(asked, world.asked);
  STRCMP_EQUAL("nobody asks for it", store->sent(10)[0].note.c_str());
}

TEST(ReportSender, several_addresses_get_it_once_each_up_to_a_limit) {
  count(counted("a.example", "", kGood));
  std::string all =
      "mailto:r@a.example, https://r.a.example/, mailto:R@A.example,https://r.a.example:443/, gopher:x";
  for (int i = 0; i < 30; ++i) all += ",https://h" + std::to_string(i) + ".example/";
  world.dns["_smtp._tls.a.example"] = record(all);
  run(kMidnight + 300, kMidnight + 5 * kHour);
  // The local part's case belongs to its owner, so "R@" is another mailbox.
  LONGS_EQUAL(2, world.mailed.size());
  LONGS_EQUAL(Sender::kMostRua, world.mailed.size() + world.posted.size());
}

TEST(ReportSender, what_is_not_accepted_is_tried_again_and_then_dropped) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/");
  world.answer = {Handed::Kind::later, "status 503"};
  run(kMidnight + 300, kMidnight + 10 * kHour);
  CHECK(world.posted.size() > 3);
  const auto first = world.posted.front().second.id;
  for (const auto& [rua, report] : world.posted) STRCMP_EQUAL(first.c_str(), report.id.c_str());
  run(kMidnight + 10 * kHour, kMidnight + 40 * kHour);
  STRCMP_EQUAL("dropped", store->sent(10)[0].state.c_str());
  CHECK(world.posted.size() < 20);
}

TEST(ReportSender, who_accepted_it_does_not_get_it_again_while_another_one_waits) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("mailto:r@a.example,https://r.a.example/");
  world.answer = {Handed::Kind::later, "no"};
  world.mail_answer = {Handed::Kind::accepted, "ok"};
  run(kMidnight + 300, kMidnight + 6 * kHour);
  LONGS_EQUAL(1, world.mailed.size());
  CHECK(world.posted.size() > 1);
  world.answer = {Handed::Kind::accepted, "ok"};
  run(kMidnight + 6 * kHour, kMidnight + 20 * kHour);
  LONGS_EQUAL(1, world.mailed.size());
  STRCMP_EQUAL("sent", store->sent(10)[0].state.c_str());
}

TEST(ReportSender, refused_for_good_is_not_tried_again) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/");
  world.answer = {Handed::Kind::refused, "status 404"};
  run(kMidnight + 300, kMidnight + 20 * kHour);
  LONGS_EQUAL(1, world.posted.size());
  STRCMP_EQUAL("dropped", store->sent(10)[0].state.c_str());
}

TEST(ReportSender, dns_that_fails_delays_and_does_not_lose) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = {.known = false, .texts = {}, .why = "SERVFAIL"};
  run(kMidnight + 300, kMidnight + 6 * kHour);
  CHECK(world.posted.empty());
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/");
  run(kMidnight + 6 * kHour, kMidnight + 20 * kHour);
  LONGS_EQUAL(1, world.posted.size());
}

TEST(ReportSender, a_host_is_not_told_again_what_its_domains_were_told) {
  count(counted("a.example", "mx.example", kGood));
  count(counted("b.example", "mx.example", kBad));
  world.dns["_smtp._tls.a.example"] = record("https://r.example/");
  world.dns["_smtp._tls.mx.example"] = record("https://r.example/");
  run(kMidnight + 300, kMidnight + 12 * kHour);
  LONGS_EQUAL(2, world.posted.size());
  const auto& host = world.posted[1].second;
  STRCMP_EQUAL("mx.example", host.policies.at(0).domain.c_str());
  LONGS_EQUAL(0, host.policies[0].successes);  // a.example's were told
  LONGS_EQUAL(1, host.policies[0].failures);
}

TEST(ReportSender, a_host_with_nothing_new_is_not_written_to) {
  count(counted("a.example", "mx.example", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.example/");
  world.dns["_smtp._tls.mx.example"] = record("https://r.example/");
  run(kMidnight + 300, kMidnight + 12 * kHour);
  LONGS_EQUAL(1, world.posted.size());
}

TEST(ReportSender, a_crash_between_sending_and_noting_repeats_the_same_report) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/");
  world.crash_after_handing_over = true;
  CHECK_THROWS(std::runtime_error, run(kMidnight + 300, kMidnight + 5 * kHour));
  store = std::make_unique<Store>(path + "/db");
  world.crash_after_handing_over = false;
  run(kMidnight + 5 * kHour, kMidnight + 6 * kHour);
  LONGS_EQUAL(2, world.posted.size());
  CHECK(world.posted[0].second == world.posted[1].second);
}

TEST(ReportSender, who_was_off_for_days_sends_only_what_is_fresh) {
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/");
  run(kMidnight + 60 * kHour, kMidnight + 80 * kHour);
  CHECK(world.posted.empty());
  STRCMP_EQUAL("too old to be sent", store->sent(10)[0].note.c_str());
}

TEST(ReportSender, switched_off_it_counts_and_stays_silent) {
  settings.send = false;
  count(counted("a.example", "", kGood));
  world.dns["_smtp._tls.a.example"] = record("https://r.a.example/");
  run(kMidnight + 300, kMidnight + 20 * kHour);
  CHECK(world.posted.empty());
  LONGS_EQUAL(0, world.asked);
}

TEST(ReportSender, answers_of_web_servers_are_understood) {
  const auto kind = [](std::string_view head) { return judge_answer(head).kind; };
  CHECK(kind("HTTP/1.1 201 Created\r\n") == Handed::Kind::accepted);
  CHECK(kind("HTTP/1.0 204\r\n") == Handed::Kind::accepted);
  CHECK(kind("HTTP/1.1 301 Moved\r\n") == Handed::Kind::refused);
  CHECK(kind("HTTP/1.1 429 Slow down\r\n") == Handed::Kind::later);
  CHECK(kind("HTTP/1.1 503 Busy\r\n") == Handed::Kind::later);
  CHECK(kind("HTTP/1.1 404 No\r\n") == Handed::Kind::refused);
  CHECK(kind("220 mail\r\n") == Handed::Kind::later);
  CHECK(kind("") == Handed::Kind::later);
}
