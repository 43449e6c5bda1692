// Losses and how they are repaired. RFC 5681, 6298, 6582, 6675, 6937, 8985, 3042.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpLoss){
    // Open, with a round trip of 20 ms measured on ten segments.
    static void warm_up(Talk & talk, const Options& options = {
                                         .mss = 1460, .scale = 0, .sack_permitted = true}){talk.open(options);
talk.write(14'600);
talk.all();
talk.now += 20ms;
talk.send(". 1:1(0) ack 14601");
talk.events();
}  // namespace postern::tcp
}
;

TEST(TcpLoss, a_timeout_sends_the_first_segment_again_and_doubles) {
  Talk talk;
  talk.open({.mss = 1460});
  talk.write(500);
  talk.hears("P. 1:501(500) ack 1");
  talk.wait(900ms);
  talk.hears_nothing();
  talk.wait(200ms);
  talk.hears("P. 1:501(500) ack 1");
  talk.hears_nothing();
  talk.wait(1800ms);
  talk.hears_nothing();
  talk.wait(200ms);
  talk.hears("P. 1:501(500) ack 1");
}

TEST(TcpLoss, after_a_timeout_the_rest_follows_the_acknowledgments) {
  Talk talk;
  warm_up(talk, {.mss = 1460});
  talk.write(5840);
  talk.all();
  talk.wait(250ms);
  talk.hears(". 14601:16061(1460) ack 1");
  talk.hears_nothing();
  talk.send(". 1:1(0) ack 16061");
  talk.hears(". 16061:17521(1460) ack 1");
  talk.hears(". 17521:18981(1460) ack 1");
  talk.hears_nothing();
}

TEST(TcpLoss, three_duplicates_send_the_first_segment_again) {  // RFC 5681 §3.2
  Talk talk;
  warm_up(talk, {.mss = 1460});
  talk.write(14'600);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601");
  talk.send(". 1:1(0) ack 14601");
  talk.hears_nothing();
  talk.send(". 1:1(0) ack 14601");
  talk.hears(". 14601:16061(1460) ack 1");
}

TEST(TcpLoss, a_partial_acknowledgment_names_the_next_hole) {  // RFC 6582 §3.2
  Talk talk;
  warm_up(talk, {.mss = 1460});
  talk.write(14'600);
  talk.all();
  talk.now += 20ms;
  for (int i = 0; i < 3; ++i) talk.send(". 1:1(0) ack 14601");
  talk.hears(". 14601:16061(1460) ack 1");
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 17521");
  talk.hears(". 17521:18981(1460) ack 1");
}

TEST(TcpLoss, the_first_two_duplicates_let_new_data_out) {  // RFC 3042
  Talk talk;
  warm_up(talk, {.mss = 1460});
  talk.write(60'000);
  talk.all();
  const std::uint32_t before = talk.last.sequence;
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601");
  talk.all();
  LONGS_EQUAL(1460, talk.last.sequence - before);
}

TEST(TcpLoss, sack_shows_the_hole_and_only_the_hole_is_sent) {  // RFC 6675, RFC 8985
  Talk talk;
  warm_up(talk);
  talk.write(14'600);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 29201}}});
  talk.hears(". 14601:16061(1460) ack 1");
  talk.hears_nothing();
  talk.send(". 1:1(0) ack 29201");
  LONGS_EQUAL(1, talk.counters.retransmitted);
  LONGS_EQUAL(0, talk.counters.timeouts);
}

TEST(TcpLoss, two_holes_are_both_sent) {
  Talk talk;
  warm_up(talk);
  talk.write(14'600);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 18981}, {20441, 29201}}});
  talk.hears(". 14601:16061(1460) ack 1");
  talk.hears(". 18981:20441(1460) ack 1");
}

TEST(TcpLoss, a_retransmission_that_is_lost_is_noticed) {  // RFC 8985 §3.1
  Talk talk;
  warm_up(talk);
  talk.write(14'600);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 29201}}});
  talk.hears(". 14601:16061(1460) ack 1");
  talk.write(1460);
  talk.hears("P. 29201:30661(1460) ack 1");
  talk.now += 30ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 30661}}});
  talk.hears(". 14601:16061(1460) ack 1");
  LONGS_EQUAL(0, talk.counters.timeouts);
}

TEST(TcpLoss, a_little_reordering_is_no_loss) {  // RFC 8985 §6.2
  Talk talk;
  warm_up(talk);
  talk.write(2920);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 17521}}});
  talk.hears_nothing();
  talk.now += 2ms;
  talk.send(". 1:1(0) ack 17521");
  talk.hears_nothing();
  LONGS_EQUAL(0, talk.counters.retransmitted);
}

TEST(TcpLoss, what_stays_away_longer_than_reordering_lasts_is_lost) {
  Talk talk;
  warm_up(talk);
  talk.write(2920);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 17521}}});
  talk.hears_nothing();
  talk.wait(10ms);
  talk.hears(". 14601:16061(1460) ack 1");
}

TEST(TcpLoss, a_lost_tail_is_probed_before_the_timeout) {  // RFC 8985 §7
  Talk talk;
  warm_up(talk);
  talk.write(4380);
  talk.all();
  talk.wait(60ms);
  talk.hears("P. 17521:18981(1460) ack 1");
  talk.hears_nothing();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{17521, 18981}}});
  talk.wait(10ms);
  talk.hears(". 14601:16061(1460) ack 1");
  LONGS_EQUAL(0, talk.counters.timeouts);
}

TEST(TcpLoss, the_window_is_cut_once_per_flight) {
  Talk talk;
  warm_up(talk);
  const std::uint32_t before = talk.engine.facts(talk.id)->congestion_window;
  talk.write(before);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 30661}}});
  talk.all();
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 30661}, {32121, 40881}}});
  talk.all();
  talk.now += 20ms;
  talk.send((". 1:1(0) ack " + std::to_string(14601 + before)).c_str());
  const std::uint32_t after = talk.engine.facts(talk.id)->congestion_window;
  LONGS_EQUAL(1, talk.counters.recoveries);
  CHECK_TRUE(after >= before * 65 / 100 && after <= before * 75 / 100);  // RFC 9438 §4.6
}

TEST(TcpLoss, a_peer_that_takes_sack_back_gets_the_data_again) {  // RFC 2018 §8
  Talk talk;
  warm_up(talk);
  talk.write(4380);
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 18981}}});
  talk.all();
  talk.send(". 1:1(0) ack 16061");
  for (int i = 0; i < 3; ++i) {
    talk.wait(3s);
    talk.all();
    talk.send((". 1:1(0) ack " + std::to_string(17521 + i * 730)).c_str());
  }
  LONGS_EQUAL(0, talk.engine.unacknowledged(talk.id));
}

TEST(TcpLoss, slow_start_doubles_and_an_unused_window_does_not_grow) {
  Talk talk;
  warm_up(talk);
  const std::uint32_t before = talk.engine.facts(talk.id)->congestion_window;
  LONGS_EQUAL(14'600 + 8 * 1460, before);
  for (unsigned i = 0; i < 20; ++i) {
    talk.write(100);
    talk.all();
    talk.now += 20ms;
    talk.send((". 1:1(0) ack " + std::to_string(14701 + i * 100)).c_str());
  }
  LONGS_EQUAL(before, talk.engine.facts(talk.id)->congestion_window);
}

TEST(TcpLoss, after_a_long_silence_the_window_starts_again) {  // RFC 5681 §4.1
  Talk talk;
  warm_up(talk);
  talk.now += 5s;
  talk.write(60'000);
  talk.all();
  LONGS_EQUAL(14'600, talk.engine.facts(talk.id)->congestion_window);
}

TEST(TcpLoss, nothing_acknowledged_for_too_long_ends_it) {
  Settings settings = talk_settings();
  settings.user_timeout = 20s;
  Talk talk{settings};
  talk.open();
  talk.write(10);
  talk.all();
  talk.wait(19s);
  STRCMP_EQUAL("", talk.events().c_str());
  talk.wait(2s);
  STRCMP_EQUAL("timed_out", talk.events().c_str());
}

TEST(TcpLoss, a_silent_peer_is_asked_and_then_given_up) {  // RFC 9293 §3.8.4
  Settings settings = talk_settings();
  settings.keepalive_idle = 100s;
  settings.keepalive_interval = 10s;
  settings.keepalive_probes = 3;
  Talk talk{settings};
  talk.open();
  talk.wait(101s);
  talk.hears(". 0:0(0) ack 1");
  talk.send(". 1:1(0) ack 1");
  talk.wait(99s);
  talk.hears_nothing();
  talk.wait(2s);
  for (int i = 0; i < 3; ++i) {
    talk.hears(". 0:0(0) ack 1");
    talk.wait(10s);
  }
  STRCMP_EQUAL("timed_out", talk.events().c_str());
}

TEST(TcpLoss, a_writer_that_waits_for_memory_does_not_hurry_keepalives) {
  Settings settings = talk_settings();
  settings.buffer_memory = 8 * 4096;
  settings.keepalive_idle = 1s;
  Talk talk{settings};
  talk.open();
  const ConnectionId greedy = talk.id;
  talk.peer_port = 40001;
  talk.own_known = false;
  talk.open();
  const std::vector<std::uint8_t> data(40'000, 'x');
  talk.engine.write(greedy, data, talk.now);
  talk.all();
  talk.engine.write(talk.id, data, talk.now);
  talk.wait(10s);
  LONGS_EQUAL(2, talk.counters.keepalives_out);  // one each
}

TEST(TcpLoss, a_keepalive_of_the_peer_is_answered) {
  Talk talk;
  talk.open();
  talk.send(". 0:0(0) ack 1");
  talk.hears(". 1:1(0) ack 1");
}

}  // namespace postern::tcp
