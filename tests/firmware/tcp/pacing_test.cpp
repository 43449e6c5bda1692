// Segments leave spread over the round trip. RFC 6928 §2 for what may leave at once, RFC 9406 for slow start.
#include <algorithm>

#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Talk;
using testing::talk_settings;

namespace {

Settings paced() {
  Settings settings = talk_settings();
  settings.pacing = true;
  return settings;
}

std::size_t lines(const std::string& text) {
  return text.empty() ? 0 : static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

// A round trip of 100 ms is known, the window is twenty segments, nothing is in flight.
void warm_up(Talk& talk) {
  talk.open({.mss = 1460, .scale = 4, .sack_permitted = true});
  talk.write(14'600);
  LONGS_EQUAL(10, lines(talk.all()));
  talk.now += 100ms;
  talk.send(". 1:1(0) ack 14601");
  talk.events();
}

}  // namespace

TEST_GROUP(TcpPacing){};

TEST(TcpPacing, the_initial_window_leaves_at_once) {  // RFC 6928 §2
  Talk talk{paced()};
  warm_up(talk);
}

TEST(TcpPacing, a_larger_window_leaves_over_half_a_round_trip_in_slow_start) {
  Talk talk{paced()};
  warm_up(talk);
  talk.write(29'200);
  LONGS_EQUAL(10, lines(talk.all()));  // after a pause; the rest at two windows per round trip
  std::size_t left = 0;
  for (int ms = 0; ms < 40; ++ms) {
    talk.wait(1ms);
    const std::size_t now = lines(talk.all());
    CHECK(now <= 3);
    left += now;
  }
  LONGS_EQUAL(10, left);
  CHECK(talk.counters.paced > 0);
}

TEST(TcpPacing, a_smaller_burst_spreads_the_initial_window_too) {
  Settings settings = paced();
  settings.pacing_burst = 2;
  Talk talk{settings};
  talk.send("S 0:0(0)", {.mss = 1460, .sack_permitted = true});
  talk.hears("S. 0:0(0) ack 1");
  talk.now += 100ms;
  talk.send(". 1:1(0) ack 1");
  talk.events();
  talk.write(14'600);
  LONGS_EQUAL(2, lines(talk.all()));
  talk.wait(50ms);
  std::size_t left = lines(talk.all());
  CHECK(left <= 3);
  for (int ms = 0; ms < 60; ++ms, talk.wait(1ms)) left += lines(talk.all());
  LONGS_EQUAL(8, left);
}

TEST(TcpPacing, an_acknowledgment_does_not_wait_for_the_pace) {
  Talk talk{paced()};
  warm_up(talk);
  talk.write(29'200);
  talk.all();
  talk.send("P. 1:101(100) ack 14601");
  talk.send("P. 101:1561(1460) ack 14601");
  talk.hears(". 29201:29201(0) ack 1561");
}

TEST(TcpPacing, what_waits_for_the_pace_needs_no_acknowledgment_to_go_on) {
  Talk talk{paced()};
  warm_up(talk);
  talk.write(29'200);
  talk.all();
  CHECK(talk.engine.next_deadline() < talk.now + 20ms);
}

TEST(TcpPacing, an_unknown_round_trip_does_not_hold_anything_back) {
  Settings settings = paced();
  settings.pacing_burst = 2;
  settings.half_open_plain = 0;  // a cookie: nobody measured
  Talk talk{settings};
  talk.open();
  talk.write(14'600);
  LONGS_EQUAL(10, lines(talk.all()));
}

}  // namespace postern::tcp
