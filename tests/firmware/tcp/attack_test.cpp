// What somebody who guesses cannot do. RFC 5961, RFC 7323 §5 (PAWS), and caps.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpAttack){};

TEST(TcpAttack, a_reset_at_the_mark_resets) {  // RFC 5961 §3.2
  Talk talk;
  talk.open();
  talk.send("R 1:1(0)");
  STRCMP_EQUAL("reset", talk.events().c_str());
  CHECK_FALSE(talk.engine.alive(talk.id));
}

TEST(TcpAttack, a_reset_inside_the_window_is_challenged) {
  Talk talk;
  talk.open();
  talk.send("R 2:2(0)");
  talk.hears(". 1:1(0) ack 1");
  STRCMP_EQUAL("", talk.events().c_str());
}

TEST(TcpAttack, a_reset_outside_the_window_is_ignored) {
  Talk talk;
  talk.open();
  talk.send("R 100000:100000(0)");
  talk.hears_nothing();
}

TEST(TcpAttack, a_syn_on_an_open_connection_is_challenged) {  // RFC 5961 §4.2
  Talk talk;
  talk.open();
  talk.send("S 1:1(0)");
  talk.hears(". 1:1(0) ack 1");
  talk.send("S 900000:900000(0)");
  talk.hears(". 1:1(0) ack 1");
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
}

TEST(TcpAttack, an_acknowledgment_of_what_was_never_sent_is_challenged) {  // RFC 5961 §5.2
  Talk talk;
  talk.open();
  talk.send("P. 1:5(4) ack 9");
  talk.hears(". 1:1(0) ack 1");
  STRCMP_EQUAL("", talk.events().c_str());
}

TEST(TcpAttack, challenges_are_few_per_second_and_come_back) {  // RFC 5961 §7
  Talk talk;
  talk.open();
  int heard = 0;
  for (int i = 0; i < 50; ++i) {
    talk.send("R 2:2(0)");
    if (!talk.all().empty()) ++heard;
  }
  CHECK_TRUE(heard >= 8 && heard <= 11);
  talk.now += 1s;
  talk.send("R 2:2(0)");
  talk.hears(". 1:1(0) ack 1");
}

TEST(TcpAttack, an_old_timestamp_is_refused) {  // RFC 7323 §5.3
  Talk talk;
  talk.open({.mss = 1460, .timestamps = true, .timestamp = 1000});
  talk.send("P. 1:11(10) ack 1", {.timestamps = true, .timestamp = 999});
  STRCMP_EQUAL("", talk.events().c_str());
  LONGS_EQUAL(1, talk.counters.paws_rejected);
  talk.hears(". 1:1(0) ack 1");
  talk.send("P. 1:11(10) ack 1", {.timestamps = true, .timestamp = 1001});
  LONGS_EQUAL(10, talk.read());
}

TEST(TcpAttack, a_peer_that_stops_sending_timestamps_is_understood) {
  Talk talk;
  talk.open({.mss = 1460, .timestamps = true, .timestamp = 1000});
  talk.send("P. 1:11(10) ack 1");
  LONGS_EQUAL(10, talk.read());
  LONGS_EQUAL(1, talk.counters.timestamp_missing);
}

TEST(TcpAttack, a_tiny_mss_is_not_believed) {
  Talk talk;
  talk.open({.mss = 48});
  LONGS_EQUAL(536, talk.engine.facts(talk.id)->mss);
  Talk six{talk_settings(), true};
  six.open({.mss = 48});
  LONGS_EQUAL(1220, six.engine.facts(six.id)->mss);
}

TEST(TcpAttack, a_storm_of_tiny_pieces_meets_the_cap) {
  Settings settings = talk_settings();
  settings.out_of_order_ranges = 8;
  Talk talk{settings};
  talk.open();
  for (unsigned i = 1; i <= 40; ++i) {
    const std::string text = ". " + std::to_string(1 + 2 * i) + ":" + std::to_string(2 + 2 * i) + "(1) ack 1";
    talk.send(text.c_str());
    talk.all();
  }
  LONGS_EQUAL(32, talk.counters.out_of_order_refused);
  CHECK_TRUE(talk.engine.memory().chunks <= 2);
}

TEST(TcpAttack, nonsense_in_sack_is_ignored) {
  Talk talk;
  talk.open();
  talk.write(2000);
  talk.all();
  talk.send(". 1:1(0) ack 1", {.sack = {{500, 400}, {1'000'000, 1'000'100}, {2001, 2002}}});
  LONGS_EQUAL(3, talk.counters.sack_nonsense);
}

TEST(TcpAttack, urgent_data_stay_in_line) {
  Talk talk;
  talk.open();
  talk.send("PU. 1:11(10) ack 1");
  LONGS_EQUAL(10, talk.read());
  LONGS_EQUAL(1, talk.counters.urgent_ignored);
}

TEST(TcpAttack, a_segment_without_ack_is_dropped) {
  Talk talk;
  talk.open();
  talk.send("P 1:11(10)");
  STRCMP_EQUAL("", talk.events().c_str());
  talk.hears_nothing();
}

TEST(TcpAttack, answers_waiting_are_bounded) {
  Talk talk;
  for (unsigned i = 0; i < 40; ++i) {
    talk.own_port = static_cast<std::uint16_t>(100 + i);
    talk.send("S 0:0(0)");
  }
  LONGS_EQUAL(40 - 16, talk.counters.replies_full);
}

}  // namespace postern::tcp
