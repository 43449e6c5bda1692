// Explicit congestion notification. RFC 3168.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

namespace {

constexpr std::uint8_t kEct0 = 2;
constexpr std::uint8_t kMarked = 3;

void open_with_ecn(Talk& talk, const Options& options = {.mss = 1460, .sack_permitted = true}) {
  talk.send("SEW 0:0(0)", options);
  talk.hears("SE. 0:0(0) ack 1");
  LONGS_EQUAL(0, talk.last_ecn);
  talk.send(". 1:1(0) ack 1");
  STRCMP_EQUAL("opened", talk.events().c_str());
}

std::uint32_t window_of(const Talk& talk) {
  return talk.engine.facts(talk.id)->congestion_window;
}

Settings requesting() {
  Settings settings = talk_settings();
  settings.ecn_request = true;
  return settings;
}

}  // namespace

TEST_GROUP(TcpEcn){};

TEST(TcpEcn, a_peer_that_asks_gets_it) {  // RFC 3168 §6.1.1
  Talk talk;
  open_with_ecn(talk);
  CHECK_TRUE(talk.engine.facts(talk.id)->ecn);
}

TEST(TcpEcn, only_both_flags_ask) {  // RFC 3168 §6.1.1
  for (const char* syn : {"SE 0:0(0)", "SW 0:0(0)", "S 0:0(0)"}) {
    Talk talk;
    talk.send(syn, {.mss = 1460});
    talk.hears("S. 0:0(0) ack 1");
    talk.send(". 1:1(0) ack 1");
    talk.events();
    CHECK_FALSE(talk.engine.facts(talk.id)->ecn);
  }
}

TEST(TcpEcn, a_setting_declines) {
  Settings settings = talk_settings();
  settings.ecn_accept = false;
  Talk talk{settings};
  talk.send("SEW 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
}

TEST(TcpEcn, a_syn_repeated_without_the_flags_takes_the_wish_back) {  // RFC 3168 §6.1.1
  Talk talk;
  talk.send("SEW 0:0(0)", {.mss = 1460});
  talk.hears("SE. 0:0(0) ack 1");
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.send(". 1:1(0) ack 1");
  talk.events();
  CHECK_FALSE(talk.engine.facts(talk.id)->ecn);
}

TEST(TcpEcn, a_syn_ack_repeated_often_offers_it_no_more) {  // RFC 3168 §6.1.1.1
  Talk talk;
  talk.send("SEW 0:0(0)", {.mss = 1460});
  talk.hears("SE. 0:0(0) ack 1");
  talk.wait(1100ms);
  talk.hears("SE. 0:0(0) ack 1");
  talk.wait(2100ms);
  talk.hears("S. 0:0(0) ack 1");
}

TEST(TcpEcn, our_syn_asks_and_the_answer_is_understood) {  // RFC 3168 §6.1.1
  Talk talk{requesting()};
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("SEW 0:0(0)");
  talk.send("SE. 0:0(0) ack 1", {.mss = 1460});
  talk.hears(". 1:1(0) ack 1");
  CHECK_TRUE(talk.engine.facts(talk.id)->ecn);
}

TEST(TcpEcn, a_peer_that_mirrors_our_flags_does_not_know_it) {  // RFC 3168 §6.1.1
  Talk talk{requesting()};
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("SEW 0:0(0)");
  talk.send("SEW. 0:0(0) ack 1", {.mss = 1460});
  talk.hears(". 1:1(0) ack 1");
  CHECK_FALSE(talk.engine.facts(talk.id)->ecn);
}

TEST(TcpEcn, a_syn_that_is_not_answered_is_repeated_without_asking) {  // RFC 3168 §6.1.1.1
  Talk talk{requesting()};
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("SEW 0:0(0)");
  talk.wait(1100ms);
  talk.hears("S 0:0(0)");
  talk.send("SE. 0:0(0) ack 1", {.mss = 1460});  // an answer to the first all the same
  talk.hears(". 1:1(0) ack 1");
  CHECK_FALSE(talk.engine.facts(talk.id)->ecn);
}

TEST(TcpEcn, new_data_may_be_marked_and_acknowledgments_not) {  // RFC 3168 §6.1.2, §6.1.4
  Talk talk;
  open_with_ecn(talk);
  talk.write(100);
  talk.hears("P. 1:101(100) ack 1");
  LONGS_EQUAL(kEct0, talk.last_ecn);
  talk.send("P. 1:1461(1460) ack 101");
  talk.send("P. 1461:2921(1460) ack 101");
  talk.hears(". 101:101(0) ack 2921");
  LONGS_EQUAL(0, talk.last_ecn);
}

TEST(TcpEcn, what_is_sent_again_may_not_be_marked) {  // RFC 3168 §6.1.5
  Talk talk;
  open_with_ecn(talk, {.mss = 1460});
  talk.write(100);
  talk.hears("P. 1:101(100) ack 1");
  talk.wait(1100ms);
  talk.hears("P. 1:101(100) ack 1");
  LONGS_EQUAL(0, talk.last_ecn);
}

TEST(TcpEcn, a_window_probe_may_not_be_marked) {  // RFC 3168 §6.1.6
  Talk talk;
  open_with_ecn(talk);
  talk.send(". 1:1(0) ack 1 win 0");
  talk.write(100);
  talk.hears_nothing();
  talk.wait(1100ms);
  talk.hears(". 1:2(1) ack 1");
  LONGS_EQUAL(0, talk.last_ecn);
}

TEST(TcpEcn, a_mark_is_echoed_until_the_peer_has_cut_its_window) {  // RFC 3168 §6.1.3
  Talk talk;
  open_with_ecn(talk);
  talk.send("P. 1:1461(1460) ack 1", {.ecn = kMarked});
  talk.send("P. 1461:2921(1460) ack 1", {.ecn = kEct0});
  talk.hears("E. 1:1(0) ack 2921");
  talk.send("P. 2921:4381(1460) ack 1", {.ecn = kEct0});
  talk.send("P. 4381:5841(1460) ack 1", {.ecn = kEct0});
  talk.hears("E. 1:1(0) ack 5841");
  talk.send("PW. 5841:7301(1460) ack 1", {.ecn = kEct0});
  talk.send("P. 7301:8761(1460) ack 1", {.ecn = kEct0});
  talk.hears(". 1:1(0) ack 8761");
}

TEST(TcpEcn, a_mark_on_what_is_outside_the_window_is_ignored) {  // RFC 3168 §6.1.5
  Talk talk;
  open_with_ecn(talk);
  talk.send("P. 200001:200101(100) ack 1", {.ecn = kMarked});
  talk.hears(". 1:1(0) ack 1");
  LONGS_EQUAL(0, talk.counters.ecn_marked);
}

TEST(TcpEcn, an_echo_cuts_the_window_once_per_round_trip_and_the_peer_is_told) {  // RFC 3168 §6.1.2
  Talk talk;
  open_with_ecn(talk);
  talk.write(60'000);
  talk.all();
  const std::uint32_t before = window_of(talk);
  talk.now += 20ms;
  talk.send("E. 1:1(0) ack 2921");
  const std::uint32_t after = window_of(talk);
  CHECK_TRUE(after >= before * 65 / 100 && after <= before * 75 / 100);
  talk.send("E. 1:1(0) ack 10221");
  LONGS_EQUAL(after, window_of(talk));
  talk.hears("W. 14601:16061(1460) ack 1");
  talk.hears(". 16061:17521(1460) ack 1");
  LONGS_EQUAL(1, talk.counters.ecn_reductions);
  LONGS_EQUAL(0, talk.counters.retransmitted);
}

TEST(TcpEcn, a_loss_in_the_same_round_trip_does_not_cut_again) {  // RFC 3168 §6.1.2
  Talk talk;
  open_with_ecn(talk);
  talk.write(14'600);
  talk.all();
  talk.now += 20ms;
  talk.send("E. 1:1(0) ack 1461");
  const std::uint32_t threshold = talk.engine.facts(talk.id)->slow_start_threshold;
  talk.send("E. 1:1(0) ack 1461", {.sack = {{2921, 14601}}});
  talk.hears(". 1461:2921(1460) ack 1");
  LONGS_EQUAL(1, talk.counters.recoveries);
  LONGS_EQUAL(threshold, talk.engine.facts(talk.id)->slow_start_threshold);
}

TEST(TcpEcn, the_next_round_trip_may_cut_again) {
  Talk talk;
  open_with_ecn(talk);
  talk.write(60'000);
  talk.all();
  talk.now += 20ms;
  talk.send("E. 1:1(0) ack 14601");
  talk.all();
  const std::uint32_t sent = talk.last.sequence + 1460 - talk.own_first;
  talk.now += 20ms;
  talk.send((". 1:1(0) ack " + std::to_string(sent)).c_str());
  talk.all();
  talk.now += 20ms;
  talk.send(("E. 1:1(0) ack " + std::to_string(sent + 2920)).c_str());
  LONGS_EQUAL(2, talk.counters.ecn_reductions);
}

TEST(TcpEcn, without_the_agreement_the_flags_mean_nothing) {
  Talk talk;
  talk.open();
  talk.write(14'600);
  talk.all();
  const std::uint32_t before = window_of(talk);
  talk.now += 20ms;
  talk.send("E. 1:1(0) ack 2921", {.ecn = kMarked});
  CHECK_TRUE(window_of(talk) >= before);
  LONGS_EQUAL(0, talk.counters.ecn_reductions);
}

TEST(TcpEcn, a_cookie_keeps_it_with_timestamps_and_declines_it_without) {  // RFC 4987 §3.6
  Settings settings = talk_settings();
  settings.half_open_plain = 0;
  Talk with{settings};
  with.send("SEW 0:0(0)", {.mss = 1460, .sack_permitted = true, .timestamps = true, .timestamp = 7});
  with.hears("SE. 0:0(0) ack 1");
  with.send(". 1:1(0) ack 1", {.timestamps = true, .timestamp = 8, .echo = with.last_options.timestamp});
  with.events();
  CHECK_TRUE(with.engine.facts(with.id)->ecn);
  Talk without{settings};
  without.send("SEW 0:0(0)", {.mss = 1460, .sack_permitted = true});
  without.hears("S. 0:0(0) ack 1");
  without.send(". 1:1(0) ack 1");
  without.events();
  CHECK_FALSE(without.engine.facts(without.id)->ecn);
}

}  // namespace postern::tcp
