// SYN cookies. RFC 4987 §3.6.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpCookie){static Settings always(){Settings settings = talk_settings();
settings.half_open_plain = 0;
return settings;
}  // namespace postern::tcp
}
;

TEST(TcpCookie, keeps_nothing_and_opens_on_the_third_packet) {
  Talk talk{always()};
  talk.send("S 0:0(0)", {.mss = 1400});
  talk.hears("S. 0:0(0) ack 1");
  LONGS_EQUAL(0, talk.engine.memory().half_open);
  LONGS_EQUAL(1, talk.counters.cookies_sent);
  talk.send(". 1:1(0) ack 1");
  STRCMP_EQUAL("opened", talk.events().c_str());
  LONGS_EQUAL(1400, talk.engine.facts(talk.id)->mss);
}

TEST(TcpCookie, brings_back_scale_and_sack_in_the_timestamp) {
  Talk talk{always()};
  talk.send("S 0:0(0)",
            {.mss = 1460, .scale = 7, .sack_permitted = true, .timestamps = true, .timestamp = 5});
  talk.hears("S. 0:0(0) ack 1");
  const std::uint32_t echo = talk.last_options.timestamp;
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 1 win 100", {.timestamps = true, .timestamp = 6, .echo = echo});
  STRCMP_EQUAL("opened", talk.events().c_str());
  LONGS_EQUAL(1448, talk.engine.facts(talk.id)->mss);
  // A window of 100 means 12800 where the scale was kept: eight full segments.
  talk.write(20'000);
  std::size_t segments = 0;
  for (const char c : talk.all()) segments += c == '(' ? 1u : 0u;
  LONGS_EQUAL(8, segments);
  // SACK was kept: a hole is told.
  talk.send(". 101:201(100) ack 1 win 100", {.timestamps = true, .timestamp = 7, .echo = echo});
  talk.hears(". 11585:11585(0) ack 1 sack 101:201");
  // Our clock never runs back behind the cookie's.
  CHECK_TRUE(static_cast<std::int32_t>(talk.last_options.timestamp - echo) >= 0);
}

TEST(TcpCookie, promises_nothing_it_cannot_remember) {
  Talk talk{always()};
  talk.send("S 0:0(0)", {.mss = 1460, .scale = 7, .sack_permitted = true});
  talk.hears("S. 0:0(0) ack 1");
  CHECK_FALSE(talk.last_options.has_window_scale);
  CHECK_FALSE(talk.last_options.sack_permitted);
}

TEST(TcpCookie, a_guess_opens_nothing) {
  Talk talk{always()};
  talk.send("S 0:0(0)");
  talk.hears("S. 0:0(0) ack 1");
  talk.send(". 1:1(0) ack 2");
  LONGS_EQUAL(1, talk.counters.cookies_wrong);
  talk.send(". 1:1(0) ack 1073741824");  // of another time: nothing we sent lately
  LONGS_EQUAL(2, talk.counters.cookies_wrong);
  talk.hears("R 1073741824:1073741824(0)");
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpCookie, a_cookie_fits_only_its_own_flow_and_first_number) {
  Talk talk{always()};
  talk.send("S 0:0(0)");
  talk.hears("S. 0:0(0) ack 1");
  talk.send(". 2:2(0) ack 1");
  talk.peer_port = 40001;
  talk.send(". 1:1(0) ack 1");
  LONGS_EQUAL(2, talk.counters.cookies_wrong);
}

TEST(TcpCookie, data_that_overtake_the_third_packet_do_no_harm) {
  Talk talk{always()};
  talk.send("S 0:0(0)");
  talk.hears("S. 0:0(0) ack 1");
  talk.send(". 501:1001(500) ack 1");
  talk.hears_nothing();
  talk.send(". 1:501(500) ack 1");
  STRCMP_EQUAL("opened readable", talk.events().c_str());
}

TEST(TcpCookie, a_reset_with_ack_never_completes_one) {
  Talk talk{always()};
  talk.send("S 0:0(0)");
  talk.hears("S. 0:0(0) ack 1");
  talk.send("R. 1:1(0) ack 1");
  talk.hears_nothing();
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpCookie, goes_stale) {
  Talk talk{always()};
  talk.send("S 0:0(0)");
  talk.hears("S. 0:0(0) ack 1");
  talk.now += 129s;
  talk.send(". 1:1(0) ack 1");
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpCookie, used_only_beyond_the_threshold) {
  Talk talk;
  for (std::uint16_t port = 1; port <= 8; ++port) {
    talk.peer_port = port;
    talk.send("S 0:0(0)");
    talk.all();
  }
  LONGS_EQUAL(6, talk.engine.memory().half_open);
  LONGS_EQUAL(2, talk.counters.cookies_sent);
}

}  // namespace postern::tcp
