// What the path says and what it hides. RFC 1191, 8201, 5927, 2923.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpPath){static IcmpError error(const Talk& talk, IcmpError::Kind kind, std::uint32_t sequence,
                                           std::uint16_t mtu = 0){
    return {talk.engine.flow(talk.id), kind, talk.own_first + sequence, mtu};
}  // namespace postern::tcp
}
;

TEST(TcpPath, too_big_makes_segments_smaller_and_sends_them_again) {
  Talk talk;
  talk.open();
  talk.write(2920);
  talk.all();
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::packet_too_big, 1, 1400), talk.now);
  talk.hears(". 1:1361(1360) ack 1");
  talk.hears(". 1361:2721(1360) ack 1");
  talk.hears("P. 2721:2921(200) ack 1");
  LONGS_EQUAL(14'600, talk.engine.facts(talk.id)->congestion_window);
}

TEST(TcpPath, too_big_about_nothing_in_flight_is_ignored) {  // RFC 5927 §4.1
  Talk talk;
  talk.open();
  talk.write(1000);
  talk.all();
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::packet_too_big, 5000, 1300), talk.now);
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::packet_too_big, 0, 1300), talk.now);
  LONGS_EQUAL(2, talk.counters.icmp_ignored);
  LONGS_EQUAL(1460, talk.engine.facts(talk.id)->mss);
}

TEST(TcpPath, there_is_a_floor) {
  Talk talk;
  talk.open();
  talk.write(1000);
  talk.all();
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::packet_too_big, 1, 100), talk.now);
  LONGS_EQUAL(536, talk.engine.facts(talk.id)->mss);
}

TEST(TcpPath, unreachable_does_not_end_an_open_connection) {  // RFC 5927 §5.2
  Talk talk;
  talk.open();
  talk.write(10);
  talk.all();
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::unreachable_hard, 1), talk.now);
  STRCMP_EQUAL("ESTABLISHED", talk.state().c_str());
}

TEST(TcpPath, unreachable_ends_an_attempt) {
  Talk talk;
  talk.id = *talk.engine.connect(talk.own, {talk.peer, 25}, talk.now);
  talk.hears("S 0:0(0)");
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::unreachable_soft, 0), talk.now);
  STRCMP_EQUAL("", talk.events().c_str());
  talk.engine.accept_icmp(error(talk, IcmpError::Kind::unreachable_hard, 0), talk.now);
  STRCMP_EQUAL("reset", talk.events().c_str());
}

TEST(TcpPath, full_segments_that_vanish_are_tried_smaller) {
  Talk talk;
  talk.open();
  talk.write(1460);
  talk.hears("P. 1:1461(1460) ack 1");
  talk.wait(1100ms);
  talk.hears("P. 1:1461(1460) ack 1");
  talk.wait(2100ms);
  talk.hears(". 1:1221(1220) ack 1");
  talk.wait(4100ms);
  talk.hears(". 1:537(536) ack 1");
}

TEST(TcpPath, a_large_last_segment_that_vanishes_is_tried_smaller) {
  Talk talk;
  talk.open();
  talk.write(1400);
  talk.hears("P. 1:1401(1400) ack 1");
  talk.wait(1100ms);
  talk.hears("P. 1:1401(1400) ack 1");
  talk.wait(2100ms);
  talk.hears(". 1:1221(1220) ack 1");
}

TEST(TcpPath, checksum_offload_leaves_the_pseudo_header_sum) {
  Settings settings = talk_settings();
  settings.checksum_offload = true;
  Counters counters;
  Engine engine{settings, counters};
  const wire::IpAddress own = *wire::IpAddress::parse("192.0.2.1");
  const wire::IpAddress peer = *wire::IpAddress::parse("198.51.100.7");
  CHECK_TRUE(engine.connect(own, {peer, 25}, Instant{1s}).has_value());
  std::array<std::uint8_t, 1500> room;
  OutgoingSegment out;
  CHECK_TRUE(engine.emit(room, out, Instant{1s}));
  CHECK_TRUE(out.checksum_pending);
}

}  // namespace postern::tcp
