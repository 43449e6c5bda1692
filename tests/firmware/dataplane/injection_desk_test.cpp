// Mail of the box's own between control and a core: given out once, answered as often as asked.
#include <string>
#include <vector>

#include "firmware/dataplane/injection_desk.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using dataplane::InjectionDesk;
using Kind = shard::Injected::Kind;

TEST_GROUP(InjectionDesk) {
  std::vector<const shard::Injection*> given;
  std::vector<ipc::Injected> told;
  bool room = true;
  InjectionDesk desk{[this](const shard::Injection& injection) {
                       if (room) given.push_back(&injection);
                       return room;
                     },
                     [this](const ipc::Injected& answer) { told.push_back(answer); }};

  static process::Mapping mail() {
    const auto frozen = process::make_frozen("test", as_bytes("Subject: x\r\n\r\n"));
    return std::move(*process::map_received(*frozen, 1, 1000, process::Sharing::frozen));
  }
  void take(std::uint64_t ticket, const char* to = "t@y.example") {
    desk.take({.ticket = ticket, .from = "f@x.example", .to = to}, mail());
  }
};

TEST(InjectionDesk, a_mail_is_given_to_a_core_and_its_answer_to_control) {
  take(5);
  LONGS_EQUAL(1, given.size());
  STRCMP_EQUAL("t@y.example", given[0]->envelope.recipients[0].path.text().c_str());
  CHECK(as_text(given[0]->message) == "Subject: x\r\n\r\n");
  CHECK(told.empty());
  desk.answered({5, Kind::stored, ""});
  CHECK(told.at(0).stored);
  LONGS_EQUAL(0, desk.under_way());
}

TEST(InjectionDesk, the_same_mail_is_not_given_twice) {
  take(5);
  take(5);
  LONGS_EQUAL(1, given.size());
  desk.answered({5, Kind::stored, ""});
  take(5);
  LONGS_EQUAL(1, given.size());
  LONGS_EQUAL(2, told.size());
  CHECK(told[1].stored);
}

TEST(InjectionDesk, what_the_queue_had_no_room_for_is_taken_again_later) {
  take(5);
  desk.answered({5, Kind::later, "the queue has no room"});
  CHECK(!told.at(0).stored && told[0].again);
  take(5);
  LONGS_EQUAL(2, given.size());
}

TEST(InjectionDesk, addresses_that_are_none_are_refused_for_good) {
  take(5, "nobody");
  take(6, "a@b@c d");
  LONGS_EQUAL(0, given.size());
  CHECK(!told.at(0).again);
  CHECK(!told.at(1).again);
}

TEST(InjectionDesk, a_busy_core_and_too_many_at_once_ask_to_come_again) {
  room = false;
  take(5);
  CHECK(told.at(0).again);
  room = true;
  for (std::uint64_t ticket = 10; ticket < 10 + InjectionDesk::kMostUnderWay; ++ticket) take(ticket);
  LONGS_EQUAL(1, told.size());
  take(99);
  CHECK(told.at(1).again);
}
