// The verbs queue.* of the door: pieces of several shards become one answer; the command line's question.
#include <string>
#include <vector>

#include "firmware/control/cli/queue_actions.hpp"
#include "firmware/control/queue/queue_door.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using control::QueueDoor;
using Json = QueueDoor::Json;

TEST_GROUP(QueueDoor) {
  std::vector<ipc::QueueAsk> asked;
  bool room = true;
  QueueDoor door{[this](const ipc::QueueAsk& ask) {
    if (room) asked.push_back(ask);
    return room;
  }};
  Now now{Instant{1s}, WallTime{1000s}};

  std::optional<Json> ask(const char* question, std::uint32_t shards = 1, std::uint64_t client = 1) {
    return door.answer(nlohmann::json::parse(question), client, "carol (cli)", shards, now);
  }
  // Of the question asked last.
  void told(ipc::QueueAnswer answer, std::size_t entries = 0) {
    answer.ticket = asked.back().ticket;
    for (std::size_t i = 0; i < entries; ++i) {
      answer.entries.push_back({.id = 100 * asked.size() + i, .born_wall_ns = 1, .to = "bob@far.example"});
    }
    door.on_answer(answer, now.instant);
  }
};

TEST(QueueDoor, other_verbs_are_not_its) {
  CHECK(!ask(R"({"command": "status"})"));
}

TEST(QueueDoor, pieces_and_shards_become_one_answer) {
  const auto* question = R"({"command": "queue.list"})";
  CHECK(ask(question, 2)->is_null());
  LONGS_EQUAL(0, asked.at(0).shard);
  told({.finished = false, .cursor = 9, .matched = 6}, 6);
  LONGS_EQUAL(9, asked.at(1).cursor);
  LONGS_EQUAL(44, asked[1].show);
  CHECK(ask(question, 2)->is_null());
  told({.finished = true, .cursor = 20, .matched = 1}, 1);
  LONGS_EQUAL(1, asked.at(2).shard);
  LONGS_EQUAL(0, asked[2].cursor);
  told({.finished = true, .matched = 2}, 2);
  const auto answer = *ask(question, 2);
  LONGS_EQUAL(9, answer["messages"].size());
  LONGS_EQUAL(9, answer["total"].get<int>());
  CHECK(answer["next_after"].is_null());
  LONGS_EQUAL(3, asked.size());
}

TEST(QueueDoor, a_list_that_is_cut_says_where_it_goes_on) {
  const auto* question = R"({"command": "queue.list", "most": 2})";
  ask(question);
  told({.finished = false, .cursor = 17, .matched = 2}, 2);
  LONGS_EQUAL(0, asked.back().show);
  told({.finished = true, .cursor = 90, .matched = 5});
  const auto answer = *ask(question);
  LONGS_EQUAL(7, answer["total"].get<int>());
  const auto after = answer["next_after"].get<std::string>();
  ask((R"({"command": "queue.list", "after": ")" + after + "\"}").c_str(), 1, 2);
  LONGS_EQUAL(17, asked.back().cursor);
}

TEST(QueueDoor, a_deed_carries_who_did_it_and_what_was_not_done) {
  const auto* question = R"({"command": "queue.drop", "domain": "Far.example", "comment": "spam"})";
  ask(question);
  CHECK(asked.at(0).act && asked[0].verb == ipc::QueueVerb::drop);
  STRCMP_EQUAL("carol (cli): spam", asked[0].who.c_str());
  STRCMP_EQUAL("far.example", asked[0].to_domain.c_str());
  told({.finished = true, .matched = 3, .done = 2, .busy = 1}, 3);
  const auto answer = *ask(question);
  LONGS_EQUAL(2, answer["changed"].get<int>());
  LONGS_EQUAL(1, answer["busy"].get<int>());
  CHECK(!answer["dry_run"].get<bool>());
}

TEST(QueueDoor, a_dry_run_does_not_act) {
  ask(R"({"command": "queue.bounce", "dry_run": true})");
  CHECK(!asked.at(0).act);
}

TEST(QueueDoor, an_empty_list_of_ids_does_not_mean_everything) {
  const auto answer = *ask(R"({"command": "queue.drop", "ids": []})");
  LONGS_EQUAL(0, asked.size());
  LONGS_EQUAL(0, answer["changed"].get<int>());
}

TEST(QueueDoor, many_ids_are_asked_for_in_pieces) {
  Json question{{"command", "queue.hold"}, {"ids", Json::array()}};
  for (int i = 1; i <= 300; ++i) question["ids"].push_back(std::to_string(i));
  const auto text = question.dump();
  ask(text.c_str(), 2);
  LONGS_EQUAL(256, asked.at(0).ids.size());
  told({.finished = true, .done = 256});
  LONGS_EQUAL(44, asked.at(1).ids.size());
  LONGS_EQUAL(0, asked[1].shard);
  told({.finished = true, .done = 44});
  LONGS_EQUAL(256, asked.at(2).ids.size());
  LONGS_EQUAL(1, asked[2].shard);
}

TEST(QueueDoor, one_message_is_shown_with_all_its_recipients) {
  const auto* question = R"({"command": "queue.show", "id": "64"})";
  ask(question);
  LONGS_EQUAL(100, asked.at(0).ids.at(0));
  told({.finished = true, .matched = 1}, 1);
  CHECK(asked.at(1).verb == ipc::QueueVerb::recipients);
  told({.finished = true, .matched = 2}, 2);
  const auto answer = *ask(question);
  LONGS_EQUAL(2, answer["message"]["recipients"].size());
}

TEST(QueueDoor, groups_are_counted_by_what_was_asked_for) {
  const auto* question = R"({"command": "queue.groups", "by": "domain"})";
  ask(question);
  told({.finished = true, .matched = 4}, 4);
  const auto answer = *ask(question);
  STRCMP_EQUAL("far.example", answer["groups"][0]["key"].get<std::string>().c_str());
  LONGS_EQUAL(4, answer["groups"][0]["messages"].get<int>());
}

TEST(QueueDoor, a_data_plane_that_is_away_or_silent_is_an_error) {
  CHECK(ask(R"({"command": "queue.list"})", 0)->contains("error"));
  const auto* question = R"({"command": "queue.list"})";
  CHECK(ask(question)->is_null());
  now.instant += 16s;
  CHECK(ask(question)->contains("error"));
  room = false;
  CHECK(ask(question)->contains("error"));
}

TEST(QueueDoor, wrong_questions_say_what_is_wrong) {
  CHECK(ask(R"({"command": "queue.hold", "ids": ["xyz"]})")->contains("error"));
  CHECK(ask(R"({"command": "queue.reroute", "to": "mx.example"})")->contains("error"));
  CHECK(ask(R"({"command": "queue.list", "older": "soon"})")->contains("error"));
  CHECK(ask(R"({"command": "queue.eat"})")->contains("error"));
  LONGS_EQUAL(0, asked.size());
}

TEST(QueueDoor, the_command_line_has_to_say_which_messages) {
  control::cli::Invocation invocation;
  invocation.words = {"drop"};
  CHECK(!control::cli::queue_action_question(invocation, "drop"));
  invocation.given["--all"] = "";
  const auto all = control::cli::queue_action_question(invocation, "drop");
  CHECK(all && (*all)["dry_run"].get<bool>());
  invocation.words = {"drop", "00000000000000ab"};
  invocation.given["--yes"] = "";
  const auto one = control::cli::queue_action_question(invocation, "drop");
  CHECK(one && !(*one)["dry_run"].get<bool>());
  LONGS_EQUAL(1, (*one)["ids"].size());
  CHECK(!control::cli::queue_action_question(invocation, "reroute"));
}
