// Every report that a core gives gets exactly one answer, whatever becomes of control.
#include "firmware/dataplane/report_post.hpp"

#include <utility>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;

TEST_GROUP(ReportPost) {
  bool control = true;
  bool core_takes = true;
  std::vector<std::pair<std::uint32_t, bool>> answers;
  Instant now{Instant{} + 1h};
  dataplane::ReportPost post{[this](const ipc::ReportMail&, Bytes) { return control; },
                             [this](std::uint32_t core, const shard::ReportAnswer& answer) {
                               if (core_takes) answers.emplace_back(core, answer.kept);
                               return core_takes;
                             }};
};

TEST(ReportPost, what_control_kept_is_answered_once) {
  post.take(1, {.ticket = 7}, now);
  post.kept({.shard = 1, .ticket = 6, .kept = true});  // of an earlier one
  post.kept({.shard = 0, .ticket = 7, .kept = true});  // of another core
  post.turn(now);
  CHECK(answers.empty());
  post.kept({.shard = 1, .ticket = 7, .kept = true});
  core_takes = false;
  post.turn(now);
  core_takes = true;
  post.turn(now);
  post.turn(now + 1h);
  LONGS_EQUAL(1, answers.size());
  CHECK(answers[0] == std::pair(std::uint32_t{1}, true));
}

TEST(ReportPost, without_control_nothing_was_kept) {
  control = false;
  post.take(0, {.ticket = 1}, now);
  post.turn(now);
  CHECK(answers.size() == 1 && !answers[0].second);
}

TEST(ReportPost, an_answer_that_does_not_come_means_not_kept) {
  post.take(0, {.ticket = 1}, now);
  post.turn(now + 29s);
  CHECK(answers.empty());
  post.turn(now + 30s);
  CHECK(answers.size() == 1 && !answers[0].second);
}
