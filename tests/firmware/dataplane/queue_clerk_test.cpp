// Wishes about the queue between control and a core: given out once, answered, and kept until then.
#include <string>
#include <vector>

#include "firmware/dataplane/queue_clerk.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using dataplane::QueueClerk;

TEST_GROUP(QueueClerk) {
  std::vector<shard::QueueWork*> given;
  std::vector<ipc::QueueAnswer> told;
  bool room = true;
  QueueClerk clerk{[this](std::uint32_t core, shard::QueueWork& work) {
                     if (room && core == 0) given.push_back(&work);
                     return room && core == 0;
                   },
                   [this](const ipc::QueueAnswer& answer) { told.push_back(answer); }};
};

TEST(QueueClerk, a_question_reaches_the_core_and_its_answer_control) {
  ipc::QueueAsk ask{.ticket = 5, .verb = ipc::QueueVerb::drop, .act = true, .cursor = 3};
  ask.who = "carol (cli)";
  clerk.take(std::move(ask));
  auto& work = *given.at(0);
  CHECK(work.question.verb == shard::QueueVerb::drop);
  CHECK(work.question.act && !work.question.from);
  LONGS_EQUAL(3, work.cursor);
  STRCMP_EQUAL("carol (cli)", work.question.who.c_str());
  work.finished = true;
  work.done = 1;
  work.shown = 1;
  work.entries[0].id = 4711;
  clerk.answered(work);
  CHECK(told.at(0).finished);
  LONGS_EQUAL(5, told[0].ticket);
  LONGS_EQUAL(4711, told[0].entries.at(0).id);
  LONGS_EQUAL(0, clerk.under_way());
}

TEST(QueueClerk, the_null_sender_is_not_any_sender) {
  clerk.take({.ticket = 5, .any_from = false});
  CHECK(given.at(0)->question.from.has_value());
}

TEST(QueueClerk, what_no_core_can_take_is_refused) {
  clerk.take({.ticket = 5, .shard = 1});
  room = false;
  clerk.take({.ticket = 6});
  LONGS_EQUAL(2, told.size());
  CHECK(!told[0].trouble.empty() && !told[1].trouble.empty());
  LONGS_EQUAL(0, clerk.under_way());
}

TEST(QueueClerk, too_many_at_once_are_refused) {
  for (std::uint64_t ticket = 1; ticket <= QueueClerk::kMostUnderWay + 1; ++ticket) {
    clerk.take({.ticket = ticket});
  }
  LONGS_EQUAL(QueueClerk::kMostUnderWay, given.size());
  LONGS_EQUAL(QueueClerk::kMostUnderWay + 1, told.at(0).ticket);
}
