// Data both ways on an open connection: order, acknowledgments, windows. RFC 9293 §3.8, RFC 1122, RFC 2018,
// RFC 2883.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpData){};

TEST(TcpData, in_order_data_are_read_where_they_arrived) {
  Talk talk;
  talk.open();
  std::array<std::uint8_t, 64> segment{};
  const std::size_t at = wire::write_tcp_header(
      segment.data(), {40000, 25, talk.peer_first + 1, talk.own_first + 1, wire::kTcpAck, 65535, 0}, {});
  talk.engine.accept_segment({talk.peer, talk.own, 0, true}, Bytes{segment.data(), at + 4}, talk.now);
  POINTERS_EQUAL(segment.data() + at, talk.engine.readable(talk.id).data());
  LONGS_EQUAL(0, talk.engine.memory().chunks);
  talk.engine.consume(talk.id, 1, talk.now);
  talk.engine.settle();
  LONGS_EQUAL(3, talk.engine.readable(talk.id).size());
  CHECK_TRUE(talk.engine.readable(talk.id).data() != segment.data() + at + 1);
  LONGS_EQUAL(1, talk.engine.memory().chunks);
  talk.engine.consume(talk.id, 3, talk.now);
  LONGS_EQUAL(0, talk.engine.memory().chunks);
}

TEST(TcpData, a_single_segment_is_acknowledged_late) {
  Talk talk;
  talk.open();
  talk.send("P. 1:11(10) ack 1");
  talk.read();
  talk.hears_nothing();
  talk.wait(39ms);
  talk.hears_nothing();
  talk.wait(2ms);
  talk.hears(". 1:1(0) ack 11");
}

TEST(TcpData, every_second_full_segment_is_acknowledged_at_once) {
  Talk talk;
  talk.open();
  talk.send(". 1:1461(1460) ack 1");
  talk.read();
  talk.hears_nothing();
  talk.send(". 1461:2921(1460) ack 1");
  talk.read();
  talk.hears(". 1:1(0) ack 2921");
}

TEST(TcpData, an_acknowledgment_rides_on_the_reply) {
  Talk talk;
  talk.open();
  talk.send("P. 1:11(10) ack 1");
  talk.read();
  talk.write(20);
  talk.hears("P. 1:21(20) ack 11");
  talk.hears_nothing();
  talk.wait(100ms);
  LONGS_EQUAL(2, talk.counters.segments_out);
}

TEST(TcpData, a_hole_is_told_at_once_and_filled) {
  Talk talk;
  talk.open();
  talk.send(". 101:201(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 101:201");
  talk.send(". 301:401(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 301:401 sack 101:201");
  talk.send(". 1:101(100) ack 1");
  talk.hears(". 1:1(0) ack 201 sack 301:401");
  talk.send(". 201:301(100) ack 1");
  talk.hears(". 1:1(0) ack 401");
  LONGS_EQUAL(400, talk.read());
  LONGS_EQUAL(0, talk.engine.memory().chunks);
}

TEST(TcpData, overlapping_pieces_give_the_stream_once) {
  Talk talk;
  talk.open();
  talk.send(". 50:150(100) ack 1");
  talk.send(". 100:300(200) ack 1");
  talk.send(". 1:120(119) ack 1");
  LONGS_EQUAL(299, talk.read());
}

TEST(TcpData, a_duplicate_is_reported) {  // RFC 2883 §4
  Talk talk;
  talk.open();
  talk.send(". 1:101(100) ack 1");
  talk.read();
  talk.send(". 1:101(100) ack 1");
  talk.hears(". 1:1(0) ack 101 sack 1:101");
}

TEST(TcpData, old_bytes_in_front_are_cut_off) {
  Talk talk;
  talk.open();
  talk.send(". 1:101(100) ack 1");
  talk.send(". 51:201(150) ack 1");
  LONGS_EQUAL(200, talk.read());
}

TEST(TcpData, bytes_beyond_the_window_are_cut_off) {
  Settings settings = talk_settings();
  settings.receive_buffer = 1000;
  Talk talk{settings};
  talk.open();
  talk.send("F. 1:1201(1200) ack 1");
  STRCMP_EQUAL("readable", talk.events().c_str());
  LONGS_EQUAL(1000, talk.read());
  STRCMP_EQUAL("", talk.events().c_str());
}

TEST(TcpData, the_window_closes_and_opens_with_the_reader) {
  Settings settings = talk_settings();
  settings.receive_buffer = 4000;
  Talk talk{settings};
  talk.open();
  talk.send(". 1:1401(1400) ack 1");
  talk.send(". 1401:2801(1400) ack 1");
  talk.hears(". 1:1(0) ack 2801");
  LONGS_EQUAL(1200, talk.last.window);
  talk.send(". 2801:4001(1200) ack 1");
  talk.wait(41ms);
  talk.hears(". 1:1(0) ack 4001");
  LONGS_EQUAL(0, talk.last.window);
  talk.read();
  talk.hears(". 1:1(0) ack 4001");
  LONGS_EQUAL(4000, talk.last.window);
}

TEST(TcpData, a_probe_of_our_closed_window_is_answered) {
  Settings settings = talk_settings();
  settings.receive_buffer = 1000;
  Talk talk{settings};
  talk.open();
  talk.send(". 1:1001(1000) ack 1");
  talk.wait(41ms);
  talk.hears(". 1:1(0) ack 1001");
  talk.send(". 1001:1002(1) ack 1");
  talk.hears(". 1:1(0) ack 1001");
  LONGS_EQUAL(0, talk.last.window);
}

TEST(TcpData, an_acknowledgment_counts_even_with_our_window_closed) {
  Settings settings = talk_settings();
  settings.receive_buffer = 1000;
  Talk talk{settings};
  talk.open();
  talk.write(10);
  talk.hears("P. 1:11(10) ack 1");
  talk.send(". 1:1001(1000) ack 1");
  talk.wait(41ms);
  talk.all();
  talk.send(". 1001:1002(1) ack 11");
  LONGS_EQUAL(0, talk.engine.unacknowledged(talk.id));
}

TEST(TcpData, the_window_grows_with_a_reader_that_keeps_up) {
  Settings settings = talk_settings();
  settings.receive_buffer = 256 * 1024;
  Talk talk{settings};
  talk.open();
  for (unsigned i = 0; i < 200; ++i) {
    const unsigned start = 1 + i * 1400;
    talk.send((". " + std::to_string(start) + ":" + std::to_string(start + 1400) + "(1400) ack 1").c_str());
    talk.read();
    talk.all();
  }
  CHECK_TRUE((std::uint32_t{talk.last.window} << 3) >= 250'000);
}

TEST(TcpData, data_leave_in_full_segments_and_the_last_is_pushed) {
  Talk talk;
  talk.open();
  talk.write(3000);
  talk.hears(". 1:1461(1460) ack 1");
  talk.hears(". 1461:2921(1460) ack 1");
  talk.hears("P. 2921:3001(80) ack 1");
  talk.hears_nothing();
}

TEST(TcpData, the_first_flight_is_ten_segments) {  // RFC 6928
  Talk talk;
  talk.open();
  talk.write(30'000);
  talk.all();
  LONGS_EQUAL(14'600, talk.last.sequence - talk.own_first - 1 + 1460);
}

TEST(TcpData, a_segment_fits_into_the_room_it_is_given) {
  Talk talk;
  talk.open();
  talk.write(1000);
  std::array<std::uint8_t, 100> room;
  OutgoingSegment out;
  CHECK_TRUE(talk.engine.emit(room, out, talk.now));
  LONGS_EQUAL(100, out.length);
}

TEST(TcpData, connections_take_turns) {
  Talk talk;
  talk.open();
  const ConnectionId first = talk.id;
  talk.peer_port = 40001;
  talk.own_known = false;
  talk.open();
  const std::vector<std::uint8_t> data(5000, 'x');
  talk.engine.write(first, data, talk.now);
  talk.engine.write(talk.id, data, talk.now);
  std::string order;
  std::array<std::uint8_t, 1600> room;
  OutgoingSegment out;
  while (talk.engine.emit(room, out, talk.now)) order += load_be16(room.data() + 2) == 40000 ? 'a' : 'b';
  STRCMP_EQUAL("abababab", order.c_str());
}

TEST(TcpData, a_short_write_is_followed_by_writable) {
  Settings settings = talk_settings();
  settings.send_buffer = 2000;
  Talk talk{settings};
  talk.open();
  const std::vector<std::uint8_t> data(3000, 'x');
  LONGS_EQUAL(2000, talk.engine.write(talk.id, data, talk.now));
  LONGS_EQUAL(0, talk.engine.write_room(talk.id));
  talk.all();
  STRCMP_EQUAL("", talk.events().c_str());
  talk.send(". 1:1(0) ack 1461");
  STRCMP_EQUAL("writable", talk.events().c_str());
  LONGS_EQUAL(1460, talk.engine.write_room(talk.id));
}

TEST(TcpData, a_write_that_met_no_memory_is_told_when_there_is_some) {
  Settings settings = talk_settings();
  settings.buffer_memory = 8 * 4096;
  Talk talk{settings};
  talk.open();
  const ConnectionId greedy = talk.id;
  talk.peer_port = 40001;
  talk.own_known = false;
  talk.open();
  const std::vector<std::uint8_t> data(40'000, 'x');
  LONGS_EQUAL(4 * 4096, talk.engine.write(greedy, data, talk.now));
  LONGS_EQUAL(0, talk.engine.write(talk.id, data, talk.now));
  talk.wait(100ms);
  STRCMP_EQUAL("", talk.events().c_str());
  talk.engine.abort(greedy, talk.now);
  talk.wait(100ms);
  STRCMP_EQUAL("writable", talk.events().c_str());
}

TEST(TcpData, nothing_is_sent_into_a_closed_window_but_a_probe_byte) {  // RFC 9293 §3.8.6.1
  Talk talk;
  talk.open();
  talk.send(". 1:1(0) ack 1 win 0");
  talk.write(500);
  talk.hears_nothing();
  talk.wait(1100ms);
  talk.hears(". 1:2(1) ack 1");
  talk.send(". 1:1(0) ack 1 win 0");
  talk.wait(1s);
  talk.hears_nothing();
  talk.wait(1200ms);
  talk.hears(". 1:2(1) ack 1");
  talk.send(". 1:1(0) ack 1 win 1000");
  talk.hears("P. 1:501(500) ack 1");
}

TEST(TcpData, a_probe_byte_that_was_taken_is_not_sent_again) {
  Talk talk;
  talk.open();
  talk.send(". 1:1(0) ack 1 win 0");
  talk.write(500);
  talk.hears_nothing();
  talk.wait(1100ms);
  talk.hears(". 1:2(1) ack 1");
  talk.send(". 1:1(0) ack 2 win 1000");
  talk.hears("P. 2:501(499) ack 1");
}

TEST(TcpData, a_closed_window_may_stay_closed_while_the_peer_answers) {
  Settings settings = talk_settings();
  settings.user_timeout = 10s;
  Talk talk{settings};
  talk.open();
  talk.send(". 1:1(0) ack 1 win 0");
  talk.write(500);
  for (int i = 0; i < 200; ++i) {
    talk.wait(1s);
    if (!talk.all().empty()) talk.send(". 1:1(0) ack 1 win 0");
  }
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
  talk.wait(130s);
  STRCMP_EQUAL("timed_out", talk.events().c_str());
}

TEST(TcpData, a_write_after_long_silence_into_a_closed_window_is_patient) {
  Talk talk;
  talk.open();
  talk.send(". 1:1(0) ack 1 win 0");
  talk.wait(1000s);
  talk.write(500);
  talk.hears_nothing();
  talk.wait(1100ms);
  talk.hears(". 1:2(1) ack 1");
  STRCMP_EQUAL("", talk.events().c_str());
}

TEST(TcpData, a_window_that_shrinks_is_obeyed) {
  Talk talk;
  talk.open();
  talk.write(6000);
  talk.all();
  talk.send(". 1:1(0) ack 1461 win 0");
  talk.wait(500ms);
  talk.hears(". 1461:1462(1) ack 1");
  talk.hears_nothing();
  talk.send(". 1:1(0) ack 1461 win 6000");
  talk.hears(". 1461:2921(1460) ack 1");
}

TEST(TcpData, silly_small_windows_are_not_filled) {  // RFC 9293 §3.8.6.2.1
  Talk talk;
  talk.open();
  talk.write(5000);
  talk.all();
  talk.send(". 1:1(0) ack 5001 win 100");
  talk.write(3000);
  talk.hears_nothing();
  talk.wait(1100ms);  // then the persist timer sends what fits
  talk.hears(". 5001:5101(100) ack 1");
}

TEST(TcpData, an_old_segment_does_not_set_the_window) {
  Talk talk;
  talk.open();
  talk.send(". 1:11(10) ack 1 win 2000");
  talk.send(". 1:1(0) ack 1 win 10");
  talk.read();
  talk.write(1500);
  talk.hears(". 1:1461(1460) ack 11");
}

}  // namespace postern::tcp
