// Opening: passive, active, simultaneous, refused. RFC 9293 §3.5, §3.10.7.1–.4.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpOpen){};

TEST(TcpOpen, a_listener_answers_a_syn_and_opens_on_the_third_packet) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  STRCMP_EQUAL("", talk.events().c_str());
  LONGS_EQUAL(0, talk.engine.connections());
  talk.send(". 1:1(0) ack 1");
  STRCMP_EQUAL("opened", talk.events().c_str());
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
}

TEST(TcpOpen, data_and_fin_may_come_with_the_third_packet) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.send("F. 1:11(10) ack 1");
  STRCMP_EQUAL("opened readable peer_closed", talk.events().c_str());
  LONGS_EQUAL(10, talk.read());
  STRCMP_EQUAL("CLOSE-WAIT", talk.state().c_str());
  talk.hears(". 1:1(0) ack 12");
}

TEST(TcpOpen, only_options_the_peer_offered_are_answered) {
  Talk plain;
  plain.send("S 0:0(0)");
  plain.hears("S. 0:0(0) ack 1");
  CHECK_FALSE(plain.last_options.has_window_scale);
  CHECK_FALSE(plain.last_options.sack_permitted);
  CHECK_FALSE(plain.last_options.has_timestamps);
  LONGS_EQUAL(1460, plain.last_options.mss);

  Talk rich;
  rich.send("S 0:0(0)",
            {.mss = 1460, .scale = 7, .sack_permitted = true, .timestamps = true, .timestamp = 99});
  rich.hears("S. 0:0(0) ack 1");
  CHECK_TRUE(rich.last_options.has_window_scale);
  CHECK_TRUE(rich.last_options.sack_permitted);
  LONGS_EQUAL(99, rich.last_options.timestamp_echo);
}

TEST(TcpOpen, the_mss_over_ipv6_leaves_room_for_the_larger_header) {
  Talk talk{talk_settings(), true};
  talk.send("S 0:0(0)", {.mss = 1440});
  talk.hears("S. 0:0(0) ack 1");
  LONGS_EQUAL(1440, talk.last_options.mss);
}

TEST(TcpOpen, a_repeated_syn_is_answered_the_same_way) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.now += 300ms;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  LONGS_EQUAL(1, talk.counters.syns_in);
}

TEST(TcpOpen, an_unanswered_syn_ack_is_repeated_and_then_forgotten) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.wait(1100ms);
  talk.hears("S. 0:0(0) ack 1");
  talk.wait(60s);
  LONGS_EQUAL(4, talk.counters.syn_acks_repeated);
  LONGS_EQUAL(1, talk.counters.half_open_expired);
  LONGS_EQUAL(0, talk.engine.memory().half_open);
}

TEST(TcpOpen, a_reset_ends_a_handshake) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.send("R 1:1(0)");
  LONGS_EQUAL(0, talk.engine.memory().half_open);
}

TEST(TcpOpen, a_reset_beside_the_mark_is_challenged_in_a_handshake) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.send("R 100:100(0)");
  talk.hears(". 1:1(0) ack 1");
  LONGS_EQUAL(1, talk.engine.memory().half_open);
}

TEST(TcpOpen, a_wrong_acknowledgment_of_the_syn_ack_is_reset) {
  Talk talk;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  talk.send(". 1:1(0) ack 77");
  talk.hears("R 77:77(0)");
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpOpen, a_syn_with_congestion_bits_is_a_syn) {  // RFC 3168 §6.1.1
  Talk talk;
  talk.send("SEW 0:0(0)", {.mss = 1460});
  talk.hears("SE. 0:0(0) ack 1");
}

TEST(TcpOpen, a_syn_with_fin_is_dropped) {
  Talk talk;
  talk.send("SF 0:0(0)");
  talk.hears_nothing();
  LONGS_EQUAL(1, talk.counters.syn_nonsense);
}

TEST(TcpOpen, a_closed_port_refuses_with_a_reset) {
  Talk talk;
  talk.own_port = 26;
  talk.send("S 0:0(0)");
  talk.hears("R. 0:0(0) ack 1");
  talk.send(". 5:9(4) ack 100");
  talk.hears("R 100:100(0)");
  talk.send("R 5:5(0)");
  talk.hears_nothing();
}

TEST(TcpOpen, a_segment_with_a_wrong_checksum_is_dropped) {
  Talk talk;
  talk.break_checksum = true;
  talk.send("S 0:0(0)");
  talk.hears_nothing();
  LONGS_EQUAL(1, talk.counters.bad_checksum);
}

TEST(TcpOpen, no_more_connections_than_the_setting_says) {
  Settings settings = talk_settings();
  settings.connections = 2;
  Talk talk{settings};
  for (std::uint16_t port = 1; port <= 2; ++port) {
    talk.peer_port = port;
    talk.own_known = false;
    talk.open();
  }
  talk.peer_port = 3;
  talk.send("S 0:0(0)");
  talk.hears_nothing();
  LONGS_EQUAL(1, talk.counters.no_connection_free);
}

TEST(TcpOpen, no_more_connections_from_one_network_than_the_setting_says) {
  Settings settings = talk_settings();
  settings.connections_per_prefix = 1;
  Talk talk{settings};
  talk.open();
  talk.peer_port = 41000;
  talk.send("S 0:0(0)");
  talk.hears_nothing();
  LONGS_EQUAL(1, talk.counters.prefix_full);
  talk.engine.abort(talk.id, talk.now);
  talk.all();
  talk.own_known = false;
  talk.send("S 0:0(0)");
  talk.hears("S. 0:0(0) ack 1");
}

TEST(TcpOpen, connect_opens) {
  Talk talk;
  talk.connect();
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
}

TEST(TcpOpen, connect_repeats_its_syn_and_times_out) {
  Talk talk;
  talk.id = *talk.engine.connect(talk.own, {talk.peer, 25}, talk.now);
  talk.hears("S 0:0(0)");
  for (const Duration wait : {1100ms, 2100ms, 4100ms}) {
    talk.wait(wait);
    talk.hears("S 0:0(0)");
  }
  talk.wait(30s);
  STRCMP_EQUAL("timed_out", talk.events().c_str());
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpOpen, connect_refused_is_a_reset_event) {
  Talk talk;
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("S 0:0(0)");
  talk.send("R. 0:0(0) ack 1");
  STRCMP_EQUAL("reset", talk.events().c_str());
}

TEST(TcpOpen, a_reset_with_a_wrong_acknowledgment_does_not_refuse) {
  Talk talk;
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("S 0:0(0)");
  talk.send("R. 0:0(0) ack 9");
  talk.send("R 0:0(0)");
  STRCMP_EQUAL("", talk.events().c_str());
  STRCMP_EQUAL("SYN-SENT", talk.state().c_str());
}

TEST(TcpOpen, an_old_connection_at_the_peer_is_reset_and_the_syn_repeated_at_once) {
  Talk talk;
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("S 0:0(0)");
  talk.send(". 300:300(0) ack 91");
  talk.hears("R 91:91(0)");
  talk.hears("S 0:0(0)");
  talk.send("S. 0:0(0) ack 1", {.mss = 1460});
  STRCMP_EQUAL("connected", talk.events().c_str());
}

TEST(TcpOpen, both_ends_may_open_at_once) {  // RFC 9293 §3.5, figure 7
  Talk talk;
  talk.id = *talk.engine.connect(talk.own, {talk.peer, talk.peer_port}, talk.now);
  talk.own_port = talk.engine.flow(talk.id).local.port;
  talk.hears("S 0:0(0)");
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  STRCMP_EQUAL("SYN-RECEIVED", talk.state().c_str());
  talk.send(". 1:1(0) ack 1");
  STRCMP_EQUAL("connected", talk.events().c_str());
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
}

TEST(TcpOpen, connect_finds_no_port_where_none_lands_here) {
  Talk talk;
  const auto never = [](void*, const wire::Flow&) { return false; };
  CHECK_FALSE(talk.engine.connect(talk.own, {talk.peer, 25}, talk.now, never, nullptr).has_value());
  LONGS_EQUAL(1, talk.counters.no_port_free);
}

TEST(TcpOpen, connect_takes_a_port_that_lands_here) {
  Talk talk;
  const auto odd = [](void*, const wire::Flow& flow) { return flow.local.port % 2 == 1; };
  for (int i = 0; i < 4; ++i) {
    const auto id = talk.engine.connect(talk.own, {talk.peer, 25}, talk.now, odd, nullptr);
    LONGS_EQUAL(1, talk.engine.flow(*id).local.port % 2);
  }
}

TEST(TcpOpen, initial_sequence_numbers_move_on_with_time_and_differ_between_flows) {  // RFC 6528 §3
  std::uint32_t first[3];
  for (int i = 0; i < 3; ++i) {
    Talk talk;
    if (i == 1) talk.now += 1s;
    if (i == 2) talk.peer_port = 40001;
    talk.send("S 0:0(0)");
    talk.hears("S. 0:0(0) ack 1");
    first[i] = talk.own_first;
  }
  LONGS_EQUAL(1'000'000'000 / 4096, first[1] - first[0]);
  CHECK_TRUE(first[2] - first[0] > 1000);
}

TEST(TcpOpen, wants_what_is_listened_for_and_what_is_open) {
  Talk talk;
  talk.connect();
  std::array<std::uint8_t, 60> segment{};
  const auto wants = [&](std::uint16_t from, std::uint16_t to) {
    const std::size_t length =
        wire::write_tcp_header(segment.data(), {from, to, 1, 1, wire::kTcpAck, 1, 0}, {});
    return talk.engine.wants({talk.peer, talk.own, 0, true}, Bytes{segment.data(), length});
  };
  CHECK_TRUE(wants(9, 25));
  CHECK_FALSE(wants(9, 26));
  CHECK_TRUE(wants(talk.peer_port, talk.own_port));
  CHECK_FALSE(wants(static_cast<std::uint16_t>(talk.peer_port + 1), talk.own_port));
}

}  // namespace postern::tcp
