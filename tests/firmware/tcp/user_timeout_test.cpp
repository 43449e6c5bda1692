// The user time-out option. RFC 5482.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Talk;
using testing::talk_settings;

namespace {

// How long data stay unacknowledged before the connection is given up, to ten seconds.
Duration patience_of(Talk& talk) {
  talk.write(100);
  talk.all();
  Duration passed{0};
  for (; passed < 2h && talk.engine.alive(talk.id); passed += 10s) {
    talk.wait(10s);
    talk.all();
  }
  return passed;
}

bool about(Duration measured, Duration expected) {
  return measured >= expected && measured <= expected + 10s;
}

}  // namespace

TEST_GROUP(TcpUserTimeout){};

TEST(TcpUserTimeout, without_it_the_setting_counts) {
  Talk talk;
  talk.open();
  CHECK(about(patience_of(talk), talk.settings.user_timeout));
}

TEST(TcpUserTimeout, what_the_peer_announces_counts) {  // RFC 5482 §3.1
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.send(". 1:1(0) ack 1", {.user_timeout = 150});
  talk.events();
  CHECK(about(patience_of(talk), 150s));
  LONGS_EQUAL(1, talk.counters.user_timeouts_heard);
}

TEST(TcpUserTimeout, minutes_are_minutes) {  // RFC 5482 §3: the granularity bit
  Talk talk;
  talk.open();
  talk.send(". 1:1(0) ack 1", {.user_timeout = 0x8000 | 4});
  CHECK(about(patience_of(talk), 240s));
}

TEST(TcpUserTimeout, too_little_and_too_much_are_cut) {  // RFC 5482 §3.1: L_LIMIT, U_LIMIT
  Talk hasty;
  hasty.open();
  hasty.send(". 1:1(0) ack 1", {.user_timeout = 1});
  CHECK(about(patience_of(hasty), hasty.settings.user_timeout_least));
  Settings settings = talk_settings();
  settings.retransmissions = 255;
  Talk patient{settings};
  patient.open();
  patient.send(". 1:1(0) ack 1", {.user_timeout = 0xffff});
  CHECK(about(patience_of(patient), patient.settings.user_timeout_most));
}

TEST(TcpUserTimeout, a_setting_does_not_listen) {
  Settings settings = talk_settings();
  settings.user_timeout_from_peer = false;
  Talk talk{settings};
  talk.open();
  talk.send(". 1:1(0) ack 1", {.user_timeout = 100});
  CHECK(about(patience_of(talk), settings.user_timeout));
}

TEST(TcpUserTimeout, ours_is_told_in_the_handshake_and_with_the_first_data) {  // RFC 5482 §3.2
  Settings settings = talk_settings();
  settings.user_timeout_announced = 500s;
  Talk talk{settings};
  talk.send("S 0:0(0)", {.mss = 1460, .timestamps = true, .timestamp = 1});
  talk.hears("S. 0:0(0) ack 1");
  LONGS_EQUAL(500, talk.last_options.user_timeout);
  talk.send(". 1:1(0) ack 1", {.timestamps = true, .timestamp = 2, .echo = talk.last_options.timestamp});
  talk.events();
  talk.write(3000);
  talk.hears(". 1:1445(1444) ack 1");
  LONGS_EQUAL(500, talk.last_options.user_timeout);
  talk.hears(". 1445:2893(1448) ack 1");
  LONGS_EQUAL(0, talk.last_options.user_timeout);
}

TEST(TcpUserTimeout, ours_is_told_by_the_one_who_opens) {  // RFC 5482 §3.2
  Settings settings = talk_settings();
  settings.user_timeout_announced = 40'000s;
  Talk talk{settings};
  CHECK(talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now).has_value());
  talk.hears("S 0:0(0)");
  LONGS_EQUAL(0x8000 | 666, talk.last_options.user_timeout);
}

TEST(TcpUserTimeout, nothing_is_told_by_default) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  LONGS_EQUAL(0, talk.last_options.user_timeout);
}

}  // namespace postern::tcp
