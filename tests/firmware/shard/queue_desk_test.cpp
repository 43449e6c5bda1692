// People at the queue: looking, holding, giving back, dropping; and what is not done behind a delivery's
// back.
#include <memory>
#include <string>
#include <vector>

#include "tests/firmware/shard/out_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using shard::QueueQuestion;
using shard::QueueVerb;
using State = spool::Queued::State;
using test::FactsMaker;
using test::has;
using test::kOne;
using test::OutWorld;

TEST_GROUP(QueueDesk) {
  OutWorld out;
  // What the shard answered, kept until the end.
  shard::QueueWork work;
  std::vector<shard::QueueEntry> entries;
  std::vector<std::string> told;

  void setup() override {
    auto before = out.world.told.hear;
    out.world.told.hear = [this, before](const shard::Outcome& outcome) {
      before(outcome);
      if (outcome.kind >= shard::Outcome::Kind::held) told.emplace_back(outcome.reply);
    };
  }
  // Nobody answers at far.example: its mail waits.
  void down() {
    out.servers.at(kOne).refuse = "421";
    out.policies.publish(FactsMaker("far.example").host("mx1.far.example", {kOne}));
  }
  test::MailServer& up() {
    auto& mx = out.server(kOne, false);
    mx.refuse.clear();
    return mx;
  }
  void wait_for_deferrals(std::size_t count) {
    CHECK(out.world.run_until([&] { return out.deferrals.size() >= count; }, 10min));
    CHECK(out.world.run_until([&] { return states(State::under_way) == 0; }, 1min));
  }
  std::size_t states(State state) {
    std::size_t count = 0;
    auto& spool = out.world.shard->spool();
    spool::Queued seen;
    for (std::uint32_t i = 0; i < spool.places(); ++i) count += spool.look_at(i, seen) && seen.state == state;
    return count;
  }
  // Asks until all pieces of the answer are there.
  void ask(QueueQuestion question) {
    if (question.show == 0) question.show = 100;
    if (question.asked == WallTime{}) question.asked = out.world.now.wall;
    question.who = "carol (cli)";
    std::uint32_t matched = 0;
    std::uint32_t done = 0;
    std::uint32_t busy = 0;
    entries.clear();
    work = {};
    do {
      const auto cursor = work.cursor;
      work = {};
      work.cursor = cursor;
      work.question = question;
      CHECK(out.world.shard->ask_queue(work));
      shard::QueueWork* back = nullptr;
      CHECK(
          out.world.run_until([&] { return (back = out.world.shard->next_queue_work()) != nullptr; }, 1min));
      POINTERS_EQUAL(&work, back);
      for (std::size_t i = 0; i < work.shown; ++i) entries.push_back(work.entries[i]);
      question.show -= static_cast<std::uint32_t>(work.shown);
      matched += work.matched;
      done += work.done;
      busy += work.busy;
    } while (!work.finished);
    work.matched = matched;
    work.done = done;
    work.busy = busy;
  }
};

TEST(QueueDesk, ListsWhatWaitsAndWhy) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  ask({});
  LONGS_EQUAL(1, entries.size());
  STRCMP_EQUAL("ann@example.org", entries[0].from.data());
  STRCMP_EQUAL("bob@far.example", entries[0].to.data());
  LONGS_EQUAL(1, entries[0].owed);
  LONGS_EQUAL(1, entries[0].attempts);
  CHECK(entries[0].state == State::waiting);
  CHECK(entries[0].next > out.world.now.wall.time_since_epoch().count());
  STRCMP_EQUAL("go away", entries[0].last.data());
}

TEST(QueueDesk, AQuestionInPiecesMeetsEveryMessageOnce) {
  down();
  for (int i = 0; i < 20; ++i) out.send("bob" + std::to_string(i) + "@far.example");
  ask({.verb = QueueVerb::hold, .act = true});
  LONGS_EQUAL(20, work.matched);
  LONGS_EQUAL(20, entries.size());
  for (std::size_t i = 1; i < entries.size(); ++i) CHECK(entries[i].id != entries[i - 1].id);
  ask({.show = 4});
  LONGS_EQUAL(20, work.matched);
  LONGS_EQUAL(4, entries.size());
}

TEST(QueueDesk, FiltersHaveToFitAllOfThem) {
  down();
  out.policies.publish(FactsMaker("near.example").host("mx1.far.example", {kOne}));
  out.send("bob@far.example");
  out.send("ned@near.example", "Subject: x\r\n", "Carl@Example.org");
  wait_for_deferrals(2);
  ask({.to_domain = "near.example"});
  LONGS_EQUAL(1, work.matched);
  ask({.from = "carl@example.org"});
  LONGS_EQUAL(1, work.matched);
  ask({.to_domain = "far.example", .from = "carl@example.org"});
  LONGS_EQUAL(0, work.matched);
  ask({.from = "@example.org"});
  LONGS_EQUAL(2, work.matched);
  ask({.from = ""});
  LONGS_EQUAL(0, work.matched);
  ask({.older = 5min});
  LONGS_EQUAL(0, work.matched);
  out.world.run_for(5min);
  ask({.older = 5min});
  LONGS_EQUAL(2, work.matched);
}

TEST(QueueDesk, ADryRunChangesNothing) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  for (const auto verb : {QueueVerb::hold, QueueVerb::drop, QueueVerb::bounce, QueueVerb::reroute}) {
    ask({.verb = verb});
    LONGS_EQUAL(1, work.done);
  }
  out.world.run_for(1s);
  LONGS_EQUAL(1, out.world.shard->spool().size());
  LONGS_EQUAL(1, states(State::waiting));
  CHECK(told.empty());
}

TEST(QueueDesk, WhatIsHeldStaysHeldOverACrashAndArrivesWhenReleased) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  ask({.verb = QueueVerb::hold, .act = true});
  STRCMP_EQUAL("by carol (cli)", told.at(0).c_str());
  out.world.run_for(1s);
  out.world.crash();
  auto& mx = up();
  out.world.run_for(20min);
  CHECK(mx.mails.empty());
  LONGS_EQUAL(1, states(State::held));
  ask({.verb = QueueVerb::release, .act = true});
  LONGS_EQUAL(1, work.done);
  CHECK(out.arrives(mx));
}

TEST(QueueDesk, WhatIsGivenBackBringsItsSenderANotice) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  ask({.verb = QueueVerb::bounce, .act = true});
  CHECK(out.bounced());
  CHECK(has(out.world.office.mails.at(0).body, "Action: failed"));
  CHECK(has(out.world.office.mails.at(0).body, "the postmaster sent it back"));
  CHECK(out.world.run_until([&] { return out.world.shard->spool().size() == 0; }));
}

TEST(QueueDesk, WhatIsDroppedIsGoneForGoodAndTheLogSaysWhoDidIt) {
  down();
  out.send("bob@far.example");
  out.send("bea@far.example");
  wait_for_deferrals(2);
  ask({});
  const auto id = entries.at(0).id;
  ask({.verb = QueueVerb::drop, .act = true, .ids = {id, 12345}});
  LONGS_EQUAL(1, work.done);
  LONGS_EQUAL(1, out.world.shard->spool().size());
  CHECK(out.told("dropped"));
  STRCMP_EQUAL("by carol (cli)", told.at(0).c_str());
  out.world.run_for(1s);
  out.world.crash();
  LONGS_EQUAL(1, out.world.shard->spool().size());
  CHECK(out.world.office.mails.empty());
}

TEST(QueueDesk, NothingIsDroppedOrGivenBackWhileItIsBeingDelivered) {
  // Nothing is known about the domain yet: the delivery has begun and waits.
  out.send("bob@far.example");
  CHECK(out.world.run_until([&] { return states(State::under_way) == 1; }));
  for (const auto verb : {QueueVerb::drop, QueueVerb::bounce, QueueVerb::retry}) {
    ask({.verb = verb, .act = true});
    LONGS_EQUAL(1, work.busy);
    LONGS_EQUAL(0, work.done);
  }
  CHECK(told.empty());
  LONGS_EQUAL(1, out.world.shard->spool().size());
}

TEST(QueueDesk, AReroutedMessageGoesWhereItWasSent) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  auto& other = out.server("192.0.2.22", false);
  ask({.verb = QueueVerb::reroute, .act = true, .route = "192.0.2.22:25"});
  CHECK(has(told.at(0), "over 192.0.2.22:25"));
  CHECK(out.arrives(other));
}

TEST(QueueDesk, WhatCameAfterTheQuestionIsNotMeant) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  const auto asked = out.world.now.wall;
  out.world.run_for(1s);
  out.send("bea@far.example");
  ask({.verb = QueueVerb::hold, .act = true, .asked = asked});
  LONGS_EQUAL(1, work.matched);
}

TEST(QueueDesk, ARetryComesBeforeItsTime) {
  down();
  out.send("bob@far.example");
  wait_for_deferrals(1);
  auto& mx = up();
  out.world.run_for(1s);
  CHECK(mx.mails.empty());
  ask({.verb = QueueVerb::retry, .act = true});
  CHECK(out.arrives(mx, 20s));
}
