// Questions about the queue and their answers: what is written is read, what is out of range is not.
#include "firmware/ipc/queue.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::ipc;

namespace {

Bytes body_of(const std::vector<std::uint8_t>& message) {
  MessageFault fault{};
  return open_message(message, fault)->body;
}

QueueAsk full_ask() {
  QueueAsk ask{.ticket = 7, .shard = 1, .verb = QueueVerb::reroute, .act = true, .cursor = 5, .show = 9};
  ask.older_ns = 60'000'000'000;
  ask.ids = {1, 2, 3};
  ask.any_from = false;
  ask.route = "192.0.2.1:25";
  ask.who = "carol (web)";
  return ask;
}

QueueAnswer full_answer() {
  QueueAnswer answer{.ticket = 7, .finished = true, .cursor = 5, .matched = 3, .done = 2, .busy = 1};
  answer.entries.push_back({.id = 4711, .state = 3, .done = true, .from = "a@b.example"});
  return answer;
}

}  // namespace

TEST_GROUP(QueueMessages){};

TEST(QueueMessages, a_question_arrives_as_it_was_sent) {
  const auto message = write(full_ask());
  const auto ask = read_queue_ask(body_of(message));
  CHECK(ask.has_value());
  CHECK(ask->verb == QueueVerb::reroute && ask->act && !ask->any_from);
  LONGS_EQUAL(3, ask->ids.size());
  LONGS_EQUAL(3, ask->ids[2]);
  STRCMP_EQUAL("192.0.2.1:25", ask->route.c_str());
  STRCMP_EQUAL("carol (web)", ask->who.c_str());
}

TEST(QueueMessages, an_answer_arrives_as_it_was_sent) {
  const auto message = write(full_answer());
  const auto answer = read_queue_answer(body_of(message));
  CHECK(answer.has_value());
  CHECK(answer->finished);
  LONGS_EQUAL(1, answer->busy);
  LONGS_EQUAL(4711, answer->entries.at(0).id);
  STRCMP_EQUAL("a@b.example", answer->entries[0].from.c_str());
}

TEST(QueueMessages, the_fullest_ones_fit_a_message) {
  auto ask = full_ask();
  ask.ids.assign(1000, 1);
  for (auto* text : {&ask.to_domain, &ask.from, &ask.to, &ask.reason, &ask.route, &ask.who})
    text->assign(5000, 'x');
  CHECK(write(ask).size() <= kMostMessageBytes);
  CHECK(read_queue_ask(body_of(write(ask))).has_value());
  auto answer = full_answer();
  QueueAnswerEntry entry;
  for (auto* text : {&entry.from, &entry.to, &entry.last, &entry.route}) text->assign(5000, 'x');
  answer.entries.assign(100, entry);
  answer.trouble.assign(5000, 'x');
  CHECK(write(answer).size() <= kMostMessageBytes);
  CHECK(read_queue_answer(body_of(write(answer))).has_value());
}

TEST(QueueMessages, every_cut_is_refused) {
  const auto ask = write(full_ask());
  for (std::size_t length = 8; length < ask.size(); ++length) {
    CHECK(!read_queue_ask(Bytes(ask).first(length).subspan(8)));
  }
  const auto answer = write(full_answer());
  for (std::size_t length = 8; length < answer.size(); ++length) {
    CHECK(!read_queue_answer(Bytes(answer).first(length).subspan(8)));
  }
}

TEST(QueueMessages, verbs_and_states_out_of_range_are_refused) {
  auto ask = full_ask();
  ask.verb = static_cast<QueueVerb>(8);
  CHECK(!read_queue_ask(body_of(write(ask))));
  auto answer = full_answer();
  answer.entries[0].state = 4;
  CHECK(!read_queue_answer(body_of(write(answer))));
}
