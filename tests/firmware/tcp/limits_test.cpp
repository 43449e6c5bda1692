// What one peer, one network or many peers together can hold of us, and for how long.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpLimits){};

TEST(TcpLimits, a_network_with_its_share_of_half_open_gets_cookies_and_others_records) {  // RFC 4987 §3.6
  Settings settings = talk_settings();
  settings.half_open_per_prefix = 2;
  Talk talk{settings};
  for (talk.peer_port = 1; talk.peer_port <= 4; ++talk.peer_port) talk.send("S 0:0(0)", {.mss = 1460});
  LONGS_EQUAL(2, talk.engine.memory().half_open);
  LONGS_EQUAL(2, talk.counters.half_open_prefix_full);
  LONGS_EQUAL(2, talk.counters.cookies_sent);
  talk.peer = *wire::IpAddress::parse("203.0.113.7");
  talk.send("S 0:0(0)", {.mss = 1460});
  LONGS_EQUAL(3, talk.engine.memory().half_open);
}

TEST(TcpLimits, the_share_of_a_network_comes_back_when_a_handshake_ends) {
  Settings settings = talk_settings();
  settings.half_open_per_prefix = 1;
  Talk talk{settings};
  talk.open();
  talk.peer_port = 2;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.wait(120s);
  talk.peer_port = 3;
  talk.send("S 0:0(0)", {.mss = 1460});
  LONGS_EQUAL(0, talk.counters.cookies_sent);
}

TEST(TcpLimits, an_ipv6_network_is_56_bits_wide) {
  Settings settings = talk_settings();
  settings.half_open_per_prefix = 1;
  Talk talk{settings, true};
  talk.send("S 0:0(0)", {.mss = 1440});
  talk.peer = *wire::IpAddress::parse("2001:db8:1:ff::8");
  talk.send("S 0:0(0)", {.mss = 1440});
  LONGS_EQUAL(1, talk.counters.half_open_prefix_full);
  talk.peer = *wire::IpAddress::parse("2001:db8:1:100::8");
  talk.send("S 0:0(0)", {.mss = 1440});
  LONGS_EQUAL(1, talk.counters.half_open_prefix_full);
}

TEST(TcpLimits, a_storm_of_useless_data_is_answered_so_often_a_second) {  // RFC 5961 §7
  Talk talk;
  talk.open();
  std::size_t answers = 0;
  for (int i = 0; i < 1000; ++i) {
    talk.send("P. 900001:900101(100) ack 1");
    answers += !talk.all().empty();
  }
  LONGS_EQUAL(talk.settings.useless_data_acks, answers);
  LONGS_EQUAL(1000 - answers, talk.counters.useless_data_withheld);
  talk.now += 1s;
  talk.send("P. 900001:900101(100) ack 1");
  talk.hears(". 1:1(0) ack 1");
}

TEST(TcpLimits, an_acknowledgment_of_the_future_is_answered_so_often_a_second) {  // RFC 5961 §5.2, §7
  Talk talk;
  talk.open();
  std::size_t answers = 0;
  for (int i = 0; i < 1000; ++i) {
    talk.send(". 1:1(0) ack 90001");
    answers += !talk.all().empty();
  }
  CHECK(answers >= talk.settings.challenge_acks && answers <= talk.settings.challenge_acks + 3u);
}

TEST(TcpLimits, a_flood_of_tiny_pieces_out_of_order_holds_a_chunk_each_and_one_for_the_list) {  // RFC 2018 §4
  Talk talk;
  talk.open({.mss = 1460, .scale = 7, .sack_permitted = true});
  const unsigned most = talk.settings.out_of_order_ranges;
  for (unsigned i = 1; i < 60'000 / 3; ++i) {
    const unsigned at = 1 + i * 3;
    talk.send(("P. " + std::to_string(at) + ":" + std::to_string(at + 1) + "(1) ack 1").c_str());
    talk.all();
  }
  CHECK(talk.engine.memory().chunks <= most + 1);
  LONGS_EQUAL(60'000 / 3 - 1 - most, talk.counters.out_of_order_refused);
}

TEST(TcpLimits, tiny_pieces_far_apart_hold_no_more_than_their_number_in_chunks) {
  Settings settings = talk_settings();
  settings.first_window = settings.receive_buffer;
  settings.out_of_order_ranges = 32;
  Talk talk{settings};
  talk.open({.mss = 1460, .scale = 7, .sack_permitted = true});
  for (unsigned i = 1; i < 60; ++i) {
    const unsigned at = 1 + i * 4096;
    talk.send(("P. " + std::to_string(at) + ":" + std::to_string(at + 1) + "(1) ack 1").c_str());
    talk.all();
  }
  CHECK(talk.engine.memory().chunks <= settings.out_of_order_ranges + 2u);
}

TEST(TcpLimits, a_tiny_mss_with_sack_cannot_grow_the_list_of_what_is_in_flight) {
  Talk talk;
  talk.open({.mss = 48, .scale = 0, .sack_permitted = true});
  LONGS_EQUAL(536, talk.engine.facts(talk.id)->mss);
  talk.write(5360);
  talk.all();
  for (std::uint32_t i = 0; i < 2000; ++i) {  // one byte here and there
    const std::uint32_t at = 2 + i * 2 % 5000;
    talk.send(". 1:1(0) ack 1", {.sack = {{at, at + 1}}});
    talk.all();
  }
  CHECK(talk.engine.memory().chunks <= 5360 / 4096 + 1 + 1);  // the data, and one for the list
}

TEST(TcpLimits, a_lively_peer_in_fin_wait_2_that_sends_nothing_new_is_given_up) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send(". 1:1(0) ack 2");
  STRCMP_EQUAL("FIN-WAIT-2", talk.state().c_str());
  int minutes = 0;
  for (; minutes < 30 && talk.state() == "FIN-WAIT-2"; ++minutes) {
    talk.wait(30s);
    talk.send(". 1:1(0) ack 2");
    talk.wait(30s);
    talk.send(". 1:1(0) ack 2");
    talk.all();
  }
  CHECK(minutes == 10 || minutes == 11);
  LONGS_EQUAL(1, talk.counters.fin_wait_expired);
}

TEST(TcpLimits, new_data_in_fin_wait_2_are_waited_for) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.all();
  talk.send(". 1:1(0) ack 2");
  for (unsigned i = 0; i < 40; ++i) {
    talk.wait(30s);
    const unsigned at = 1 + i * 10;
    talk.send(("P. " + std::to_string(at) + ":" + std::to_string(at + 10) + "(10) ack 2").c_str());
    talk.read();
    talk.all();
  }
  STRCMP_EQUAL("FIN-WAIT-2", talk.state().c_str());
}

TEST(TcpLimits, where_many_wait_for_a_fin_patience_is_short) {
  Settings settings = talk_settings();
  settings.fin_wait_connections = 1;
  Talk talk{settings};
  for (int i = 0; i < 2; ++i, ++talk.peer_port) {
    talk.own_known = false;
    talk.open();
    talk.engine.close(talk.id, talk.now);
    talk.all();
    talk.send(". 1:1(0) ack 2");
  }
  LONGS_EQUAL(1, talk.counters.fin_wait_crowded);
  talk.wait(4s);
  LONGS_EQUAL(1, talk.counters.fin_wait_expired);
  LONGS_EQUAL(1, talk.engine.connections() - (talk.events().empty() ? 0 : 1));
}

TEST(TcpLimits,
     a_window_that_stays_closed_is_probed_for_an_hour_and_not_for_ever) {  // RFC 9293 §3.8.6.1, RFC 6429
  Talk talk;
  talk.open();
  talk.write(1000);
  talk.all();
  talk.send(". 1:1(0) ack 1001 win 0");
  talk.write(1000);
  Duration passed{0};
  for (; passed < 3h && talk.state() == "ESTABLISHED"; passed += 10s) {
    talk.wait(10s);
    if (!talk.all().empty()) talk.send(". 1:1(0) ack 1001 win 0");
  }
  CHECK(passed > 58min && passed < 63min);
  LONGS_EQUAL(1, talk.counters.zero_window_expired);
  STRCMP_EQUAL("timed_out", talk.events().c_str());
}

TEST(TcpLimits, a_byte_of_window_now_and_then_does_not_begin_the_hour_anew) {
  Talk talk;
  talk.open();
  talk.write(100'000);
  talk.all();
  talk.send(". 1:1(0) ack 14601 win 0");
  Duration passed{0};
  for (unsigned i = 0; passed < 3h && talk.state() == "ESTABLISHED"; passed += 10s, ++i) {
    talk.wait(10s);
    const std::string heard = talk.all();
    if (heard.empty()) continue;
    const unsigned sent = talk.last.sequence - talk.own_first + 1;
    talk.send((". 1:1(0) ack " + std::to_string(sent) + (i % 2 == 0 ? " win 0" : " win 1")).c_str());
  }
  CHECK(passed < 70min);
}

TEST(TcpLimits, a_window_that_opens_again_begins_the_count_anew) {
  Talk talk;
  talk.open();
  talk.write(200'000);
  unsigned acked = 1;
  for (int hour = 0; hour < 3; ++hour) {
    talk.all();
    acked = talk.last.sequence - talk.own_first + talk.last_length;
    for (int i = 0; i < 50 * 6; ++i) {
      talk.wait(10s);
      if (!talk.all().empty()) talk.send((". 1:1(0) ack " + std::to_string(acked) + " win 0").c_str());
    }
    talk.send((". 1:1(0) ack " + std::to_string(acked) + " win 14600").c_str());
  }
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
}

TEST(TcpLimits, where_many_keep_windows_closed_the_hour_is_short) {
  Settings settings = talk_settings();
  settings.zero_window_connections = 0;
  Talk talk{settings};
  talk.open();
  talk.write(1000);
  talk.all();
  talk.send(". 1:1(0) ack 1001 win 0");
  talk.write(1000);
  for (int i = 0; i < 30; ++i) {
    talk.wait(10s);
    if (!talk.all().empty()) talk.send(". 1:1(0) ack 1001 win 0");
  }
  LONGS_EQUAL(1, talk.counters.zero_window_expired);
}

}  // namespace postern::tcp
