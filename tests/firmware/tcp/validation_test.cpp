// Windows that are not in use. RFC 7661.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Talk;
using testing::talk_settings;

namespace {

std::uint32_t window_of(const Talk& talk) {
  return talk.engine.facts(talk.id)->congestion_window;
}

// Open, with a window of more than forty segments, all of it used a moment ago.
void fill(Talk& talk) {
  talk.open({.mss = 1460, .scale = 4, .sack_permitted = true});
  std::uint32_t sent = 1;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t window = window_of(talk);
    talk.write(window);
    for (int ms = 0; ms < 20; ++ms, talk.wait(1ms)) talk.all();
    sent += window;
    talk.send((". 1:1(0) ack " + std::to_string(sent)).c_str());
  }
  CHECK(window_of(talk) > 40 * 1460);
}

// A loss found and repaired ends slow start. Returns where the stream goes on, all before it acknowledged.
std::uint32_t lose_one(Talk& talk) {
  const std::uint32_t start = talk.last.sequence - talk.own_first + talk.last_length;
  talk.write(10 * 1460);
  talk.all();
  talk.wait(20ms);
  talk.send((". 1:1(0) ack " + std::to_string(start)).c_str(), {.sack = {{start + 1460, start + 14'600}}});
  for (int ms = 0; ms < 20; ++ms, talk.wait(1ms)) talk.all();
  talk.send((". 1:1(0) ack " + std::to_string(start + 14'600)).c_str());
  CHECK(window_of(talk) <= talk.engine.facts(talk.id)->slow_start_threshold + 1460);
  return start + 14'600;
}

Settings paced() {
  Settings settings = talk_settings();
  settings.pacing = true;
  settings.hystart = false;
  return settings;
}

}  // namespace

TEST_GROUP(TcpValidation){};

TEST(TcpValidation, a_window_outlives_a_pause_of_minutes) {  // RFC 7661 §4.4
  Talk talk{paced()};
  fill(talk);
  const std::uint32_t before = window_of(talk);
  talk.wait(290s);
  talk.write(100);
  talk.all();
  LONGS_EQUAL(before, window_of(talk));
}

TEST(TcpValidation, after_five_minutes_it_is_halved) {  // RFC 7661 §4.4.3
  Talk talk{paced()};
  fill(talk);
  const std::uint32_t before = window_of(talk);
  talk.wait(301s);
  talk.write(100);
  talk.all();
  LONGS_EQUAL(before / 2, window_of(talk));
  LONGS_EQUAL(1, talk.counters.windows_outlived);
}

TEST(TcpValidation, after_an_hour_nothing_is_left_but_the_initial_window) {  // RFC 7661 §4.4.3
  Talk talk{paced()};
  fill(talk);
  talk.wait(3600s);
  talk.write(100);
  talk.all();
  LONGS_EQUAL(14'600, window_of(talk));
}

TEST(TcpValidation, a_window_hardly_used_does_not_grow) {  // RFC 7661 §4.3
  Talk talk{paced()};
  fill(talk);
  const std::uint32_t before = window_of(talk);
  std::uint32_t end = talk.last.sequence - talk.own_first + talk.last_length;
  for (int i = 0; i < 50; ++i) {
    talk.write(1000);
    talk.all();
    talk.wait(20ms);
    end += 1000;
    talk.send((". 1:1(0) ack " + std::to_string(end)).c_str());
  }
  LONGS_EQUAL(before, window_of(talk));
}

// One acknowledgment for many segments: what it makes room for leaves paced, so that the next one finds far
// less in flight than the window, though nothing but the window ever held data back.
TEST(TcpValidation,
     a_window_that_was_full_grows_with_each_acknowledgment_of_what_filled_it) {  // RFC 9438 §5.8
  Talk talk{paced()};
  fill(talk);
  std::uint32_t end = lose_one(talk);
  talk.write(100 * 1460);
  for (int ms = 0; ms < 40; ++ms, talk.wait(1ms)) talk.all();  // to the window's edge
  for (int i = 0; i < 3; ++i) {
    const std::uint32_t before = window_of(talk);
    end += 8 * 1460;
    talk.send((". 1:1(0) ack " + std::to_string(end)).c_str());
    CHECK(window_of(talk) > before);
    talk.all();
  }
}

TEST(TcpValidation, what_leaves_after_the_window_was_full_proves_nothing) {  // RFC 9438 §5.8
  Talk talk{paced()};
  fill(talk);
  std::uint32_t end = lose_one(talk);
  const std::uint32_t waiting = window_of(talk) + 4 * 1460;
  talk.write(waiting);
  for (int ms = 0; ms < 40; ++ms, talk.wait(1ms)) talk.all();
  talk.send((". 1:1(0) ack " + std::to_string(end + waiting - 4 * 1460)).c_str());
  for (int ms = 0; ms < 20; ++ms, talk.wait(1ms)) talk.all();
  const std::uint32_t before = window_of(talk);
  talk.send((". 1:1(0) ack " + std::to_string(end + waiting)).c_str());
  LONGS_EQUAL(before, window_of(talk));
}

TEST(TcpValidation, a_loss_cuts_what_was_in_use_and_not_what_was_allowed) {  // RFC 7661 §4.4.1
  Talk talk{paced()};
  fill(talk);
  std::uint32_t end = talk.last.sequence - talk.own_first + talk.last_length;
  for (int i = 0; i < 40; ++i) {
    talk.write(1460);
    talk.all();
    talk.wait(20ms);
    end += 1460;
    talk.send((". 1:1(0) ack " + std::to_string(end)).c_str());
  }
  talk.write(10 * 1460);
  talk.all();
  talk.wait(20ms);
  talk.send((". 1:1(0) ack " + std::to_string(end)).c_str(), {.sack = {{end + 1460, end + 14'600}}});
  talk.all();
  LONGS_EQUAL(14'600 * 7 / 10, talk.engine.facts(talk.id)->slow_start_threshold);
}

TEST(TcpValidation, unpaced_slow_start_begins_anew) {  // RFC 5681 §4.1
  Settings settings = paced();
  settings.pacing = false;
  Talk talk{settings};
  fill(talk);
  talk.wait(10s);
  talk.write(100);
  talk.all();
  LONGS_EQUAL(14'600, window_of(talk));
}

}  // namespace postern::tcp
