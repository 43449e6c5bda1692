// Mail of the outbox goes to the data plane and is removed only when the queue has it.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "firmware/control/outbox/courier.hpp"
#include "firmware/control/outbox/outbox.hpp"
#include "platform/log/log.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control;
using namespace std::chrono_literals;

TEST_GROUP(Courier) {
  std::string path = "/tmp/postern-courier-XXXXXX";
  std::vector<ipc::Inject> given;
  std::vector<std::string> messages;
  bool room = true;
  Instant now{1h};
  std::unique_ptr<Courier> courier;

  void setup() override {
    log::set_output([](std::string_view, void*) {}, nullptr);
    CHECK(::mkdtemp(path.data()) != nullptr);
    restart();
  }
  void teardown() override {
    std::filesystem::remove_all(path);
    log::set_output(nullptr, nullptr);
  }
  void restart() {
    courier = std::make_unique<Courier>([this](const ipc::Inject& inject, Bytes message) {
      if (!room) return false;
      given.push_back(inject);
      messages.emplace_back(as_text(message));
      return true;
    });
    courier->set_directory(path);
  }
  void put(const char* name) {
    CHECK(put_in_outbox(path, name, {"f@x.example", "t@y.example", std::string("Subject: ") + name})
              .has_value());
  }
  void turn(Duration later = 2s, std::uint64_t line = 1) {
    now += later;
    courier->turn(now, line);
  }
  std::size_t left() const {
    return list_outbox(path, 100).size();
  }
};

TEST(Courier, a_mail_is_given_once_and_removed_when_it_is_stored) {
  put("a");
  turn();
  turn();
  LONGS_EQUAL(1, given.size());
  STRCMP_EQUAL("t@y.example", given[0].to.c_str());
  STRCMP_EQUAL("Subject: a", messages[0].c_str());
  LONGS_EQUAL(1, left());
  courier->on_injected({given[0].ticket, true, false, ""}, now);
  LONGS_EQUAL(0, left());
  LONGS_EQUAL(1, courier->carried());
}

TEST(Courier, nothing_is_given_while_no_data_plane_runs) {
  put("a");
  turn(2s, 0);
  LONGS_EQUAL(0, given.size());
}

TEST(Courier, after_the_data_plane_or_control_restarted_the_same_ticket_is_given_again) {
  put("a");
  turn();
  turn(2s, 0);
  turn(2s, 2);
  restart();
  turn(2s, 2);
  LONGS_EQUAL(3, given.size());
  CHECK(given[0].ticket == given[1].ticket && given[1].ticket == given[2].ticket);
}

TEST(Courier, an_answer_that_was_lost_is_asked_for_again) {
  put("a");
  turn();
  turn(61s);
  turn();
  LONGS_EQUAL(2, given.size());
}

TEST(Courier, one_that_has_to_wait_does_not_hold_up_the_next) {
  put("a");
  put("b");
  turn();
  courier->on_injected({given[0].ticket, false, true, "the queue has no room"}, now);
  turn();
  LONGS_EQUAL(2, given.size());
  STRCMP_EQUAL("Subject: b", messages[1].c_str());
  courier->on_injected({given[1].ticket, true, false, ""}, now);
  turn(31s);
  turn();
  LONGS_EQUAL(3, given.size());
  STRCMP_EQUAL("Subject: a", messages[2].c_str());
}

TEST(Courier, one_that_can_never_be_sent_is_kept_aside_and_told) {
  put("a");
  turn();
  courier->on_injected({given[0].ticket, false, false, "its addresses are not right"}, now);
  turn();
  LONGS_EQUAL(1, given.size());
  LONGS_EQUAL(0, left());
  CHECK(std::filesystem::exists(path + "/a.mail.aside"));
  CHECK(courier->trouble().find("its addresses are not right") != std::string::npos);
}

TEST(Courier, a_line_without_room_loses_nothing) {
  put("a");
  room = false;
  turn();
  room = true;
  turn();
  turn();
  LONGS_EQUAL(1, given.size());
}

TEST(Courier, an_answer_about_something_else_removes_nothing) {
  put("a");
  turn();
  courier->on_injected({given[0].ticket + 1, true, false, ""}, now);
  LONGS_EQUAL(1, left());
}
