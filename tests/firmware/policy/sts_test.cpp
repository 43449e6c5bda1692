// MTA-STS: which record counts, and how long a policy holds.
#include <string>

#include "firmware/policy/sts/cache.hpp"
#include "firmware/policy/sts/match.hpp"
#include "firmware/policy/sts/record.hpp"
#include "firmware/policy/tlsrpt/record.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::policy;

namespace {

const WallTime kNow = WallTime(std::chrono::hours(24 * 20000));
using Kind = StsAnswer::Kind;

StsAnswer found(const std::string& id) {
  return {Kind::record, id, {}};
}
StsAnswer answer(Kind kind) {
  return {kind, "", {"why", "", 22}};
}

StsFetch fetched(StsMode mode = StsMode::enforce, std::uint32_t max_age = 86400) {
  return {StsFault::none, {}, {mode, {"*.example.com"}, max_age}, "version: STSv1\n"};
}
StsFetch failed(StsFault fault = StsFault::fetch_error) {
  return {fault, {"no answer", "", -1}, {}, ""};
}

Sts cached(const std::string& id = "1") {
  const auto fetch = fetched();
  return sts_after({}, found(id), &fetch, kNow);
}

}  // namespace

TEST_GROUP(Sts) {
  const WallTime soon = kNow + std::chrono::hours(1);
  const WallTime past_end = kNow + std::chrono::hours(24);

  void holds(const Sts& sts) {
    CHECK_TRUE(sts.state == StsState::policy);
    CHECK_TRUE(sts.mode == StsMode::enforce);
    CHECK_TRUE(sts.expires == past_end);
    STRCMP_EQUAL("1", sts.id.c_str());
  }
};

TEST(Sts, of_several_records_none_counts) {
  const std::vector<std::string> two{"v=STSv1; id=1;", "v=STSv1; id=2;"};
  CHECK_FALSE(choose_sts_record(two).has_value());
  const std::vector<std::string> other{"v=spf1 -all", "v=STSv1; id=2;"};
  STRCMP_EQUAL("2", (*choose_sts_record(other))->id.c_str());
  const std::vector<std::string> strangers{"v=spf1 -all", "v=STSv10; id=1;", "x v=STSv1; id=1;"};
  CHECK_FALSE(choose_sts_record(strangers)->has_value());
  const std::vector<std::string> broken{"v=STSv1; id=a-b;"};
  CHECK_FALSE(choose_sts_record(broken).has_value());
}

TEST(Sts, of_several_tlsrpt_records_none_counts) {
  const std::vector<std::string> two{"v=TLSRPTv1; rua=mailto:a@a.example",
                                     "v=TLSRPTv1; rua=mailto:b@a.example"};
  CHECK_FALSE(choose_tlsrpt_record(two).has_value());
}

TEST(Sts, tlsrpt_uris_of_other_schemes_are_left_out) {
  const auto record = parse_tlsrpt_record("v=TLSRPTv1; rua=ftp://a.example/x,mailto:a@a.example");
  CHECK_EQUAL(1, record->rua.size());
  CHECK_FALSE(parse_tlsrpt_record("v=TLSRPTv1; rua=http://a.example/x").has_value());
}

TEST(Sts, fields_given_twice_count_the_first_time) {
  const auto policy =
      parse_sts_policy("version: STSv1\nmode: enforce\nmode: none\nmax_age: 5\nmax_age: 7\nmx: a.example\n");
  CHECK_TRUE(policy->mode == StsMode::enforce);
  CHECK_EQUAL(5, policy->max_age);
}

TEST(Sts, max_age_is_a_year_at_most) {
  CHECK_EQUAL(kMostMaxAge, parse_sts_policy("version: STSv1\nmode: none\nmax_age: 9999999999\n")->max_age);
}

TEST(Sts, a_policy_of_64_kib_is_read_and_a_longer_one_is_not) {
  std::string text = "version: STSv1\nmode: none\nmax_age: 1\nx: ";
  text.resize(kMostPolicyBytes, 'y');
  CHECK_TRUE(parse_sts_policy(text).has_value());
  CHECK_FALSE(parse_sts_policy(text + "y").has_value());
}

TEST(Sts, a_first_policy_is_in_force_for_max_age) {
  const auto sts = cached();
  holds(sts);
  CHECK_TRUE(in_force(sts, past_end - std::chrono::seconds(1)));
  CHECK_FALSE(in_force(sts, past_end));
}

TEST(Sts, the_cached_policy_holds_whatever_becomes_of_the_record) {
  for (const auto kind : {Kind::absent, Kind::invalid, Kind::failed}) {
    const auto after = sts_after(cached(), answer(kind), nullptr, soon);
    holds(after);
    STRCMP_EQUAL("why", after.reason.text.c_str());
  }
}

TEST(Sts, the_cached_policy_holds_when_a_new_one_cannot_be_had) {
  for (const auto fault : {StsFault::fetch_error, StsFault::policy_invalid, StsFault::webpki_invalid}) {
    const auto fetch = failed(fault);
    const auto after = sts_after(cached(), found("2"), &fetch, soon);
    holds(after);
    CHECK_TRUE(after.fault == fault);
  }
}

TEST(Sts, an_unchanged_record_alone_does_not_prolong_a_policy) {
  holds(sts_after(cached(), found("1"), nullptr, soon));
}

TEST(Sts, a_fetched_policy_replaces_the_cached_one_and_counts_anew) {
  const auto fetch = fetched(StsMode::none, 60);
  const auto after = sts_after(cached(), found("2"), &fetch, soon);
  CHECK_TRUE(after.mode == StsMode::none);
  CHECK_TRUE(after.expires == soon + std::chrono::seconds(60));
  STRCMP_EQUAL("2", after.id.c_str());
}

TEST(Sts, a_refresh_without_a_record_keeps_the_id) {
  const auto fetch = fetched();
  const auto after = sts_after(cached(), answer(Kind::failed), &fetch, soon);
  STRCMP_EQUAL("1", after.id.c_str());
  CHECK_TRUE(after.expires == soon + std::chrono::hours(24));
}

TEST(Sts, without_a_policy_in_force_the_answer_decides) {
  const auto old = cached();
  const auto fetch = failed(StsFault::webpki_invalid);
  CHECK_TRUE(sts_after(old, answer(Kind::failed), nullptr, past_end).state == StsState::unknown);
  CHECK_TRUE(sts_after(old, answer(Kind::absent), nullptr, past_end).state == StsState::absent);
  CHECK_TRUE(sts_after(old, answer(Kind::invalid), nullptr, past_end).fault == StsFault::policy_invalid);
  const auto after = sts_after(old, found("2"), &fetch, past_end);
  CHECK_TRUE(after.state == StsState::absent);
  CHECK_TRUE(after.fault == StsFault::webpki_invalid);
}

TEST(Sts, it_is_fetched_first_when_the_id_changes_and_ahead_of_its_end) {
  const StsTimes times;
  const auto sts = cached();
  const auto at = sts_refresh_at(sts, times, 0);
  const auto due = [&](const Sts& now_cached, const StsAnswer& txt, WallTime now) {
    return sts_fetch_due(now_cached, txt, times, at, WallTime::min(), "", now);
  };
  CHECK_TRUE(due({}, found("1"), kNow));
  CHECK_FALSE(due(sts, found("1"), soon));
  CHECK_TRUE(due(sts, found("2"), soon));
  CHECK_TRUE(due(sts, found("1"), kNow + std::chrono::hours(12)));
  // Hiding the record does not end a policy.
  CHECK_TRUE(due(sts, answer(Kind::absent), kNow + std::chrono::hours(12)));
  CHECK_FALSE(due({}, answer(Kind::absent), kNow));
}

TEST(Sts, a_failed_fetch_is_not_repeated_at_once_except_for_a_new_id) {
  const StsTimes times;
  const auto due = [&](const std::string& id, Duration after) {
    return sts_fetch_due({}, found(id), times, WallTime::max(), kNow, "1", kNow + after);
  };
  CHECK_FALSE(due("1", std::chrono::minutes(4)));
  CHECK_TRUE(due("1", std::chrono::minutes(5)));
  CHECK_TRUE(due("2", std::chrono::minutes(1)));
}

TEST(Sts, refreshes_are_spread) {
  const StsTimes times;
  auto sts = cached();
  sts.max_age = 30 * 86400;
  CHECK_TRUE(sts_refresh_at(sts, times, 0) == kNow + std::chrono::hours(24));
  CHECK_TRUE(sts_refresh_at(sts, times, 999) < kNow + std::chrono::hours(22));
  CHECK_TRUE(sts_refresh_at(sts, times, 999) > kNow + std::chrono::hours(21));
}
