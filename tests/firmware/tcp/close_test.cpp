// Closing: all ways round, half-closed, and TIME-WAIT. RFC 9293 §3.6, RFC 1337, RFC 6191.
#include <algorithm>

#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

TEST_GROUP(TcpClose){// Our FIN first, the peer's after: the connection is in TIME-WAIT.
                     static void close_first(Talk & talk){talk.open();
talk.engine.close(talk.id, talk.now);
talk.hears("F. 1:1(0) ack 1");
talk.send(". 1:1(0) ack 2");
talk.send("F. 1:1(0) ack 2");
talk.hears(". 2:2(0) ack 2");
STRCMP_EQUAL("peer_closed closed", talk.events().c_str());
}  // namespace postern::tcp
}
;

TEST(TcpClose, we_close_first) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  STRCMP_EQUAL("FIN-WAIT-1", talk.state().c_str());
  talk.hears("F. 1:1(0) ack 1");
  talk.send(". 1:1(0) ack 2");
  STRCMP_EQUAL("FIN-WAIT-2", talk.state().c_str());
  talk.send("F. 1:1(0) ack 2");
  talk.hears(". 2:2(0) ack 2");
  STRCMP_EQUAL("peer_closed closed", talk.events().c_str());
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpClose, the_peer_closes_first) {
  Talk talk;
  talk.open();
  talk.send("F. 1:1(0) ack 1");
  STRCMP_EQUAL("peer_closed", talk.events().c_str());
  talk.hears(". 1:1(0) ack 2");
  STRCMP_EQUAL("CLOSE-WAIT", talk.state().c_str());
  talk.engine.close(talk.id, talk.now);
  STRCMP_EQUAL("LAST-ACK", talk.state().c_str());
  talk.hears("F. 1:1(0) ack 2");
  talk.send(". 2:2(0) ack 2");
  STRCMP_EQUAL("closed", talk.events().c_str());
  LONGS_EQUAL(0, talk.engine.connections());
}

TEST(TcpClose, both_close_at_once) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send("F. 1:1(0) ack 1");
  STRCMP_EQUAL("CLOSING", talk.state().c_str());
  talk.hears(". 2:2(0) ack 2");
  talk.send(". 2:2(0) ack 2");
  STRCMP_EQUAL("peer_closed closed", talk.events().c_str());
}

TEST(TcpClose, fin_and_its_acknowledgment_in_one_segment) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send("F. 1:1(0) ack 2");
  STRCMP_EQUAL("peer_closed closed", talk.events().c_str());
  talk.hears(". 2:2(0) ack 2");
}

TEST(TcpClose, fin_rides_on_the_last_data) {
  Talk talk;
  talk.open();
  talk.write(100);
  talk.engine.close(talk.id, talk.now);
  talk.hears("FP. 1:101(100) ack 1");
  talk.hears_nothing();
}

TEST(TcpClose, data_are_read_after_our_fin) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send(". 1:1(0) ack 2");
  talk.send("P. 1:501(500) ack 2");
  LONGS_EQUAL(500, talk.read());
  talk.send("F. 501:601(100) ack 2");
  LONGS_EQUAL(100, talk.read());
  STRCMP_EQUAL("readable peer_closed closed", talk.events().c_str());
}

TEST(TcpClose, data_are_written_after_the_peers_fin) {
  Talk talk;
  talk.open();
  talk.send("F. 1:1(0) ack 1");
  talk.hears(". 1:1(0) ack 2");
  talk.write(10);
  talk.hears("P. 1:11(10) ack 2");
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 11:11(0) ack 2");
}

TEST(TcpClose, unread_data_outlive_the_end) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send("F. 1:301(300) ack 2");
  STRCMP_EQUAL("readable peer_closed", talk.events().c_str());
  LONGS_EQUAL(300, talk.read());
  STRCMP_EQUAL("closed", talk.events().c_str());
  LONGS_EQUAL(0, talk.engine.memory().chunks);
}

TEST(TcpClose, unread_data_are_dropped_in_the_end) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send("F. 1:301(300) ack 2");
  talk.events();
  talk.wait(61s);
  STRCMP_EQUAL("closed", talk.events().c_str());
  LONGS_EQUAL(1, talk.counters.unread_dropped);
  LONGS_EQUAL(0, talk.engine.memory().chunks);
}

TEST(TcpClose, a_slow_reader_gets_it_all) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send("F. 1:6(5) ack 2");
  for (int i = 0; i < 5; ++i) {
    talk.wait(50s);
    LONGS_EQUAL(5 - i, talk.engine.readable(talk.id).size());
    talk.engine.consume(talk.id, 1, talk.now);
  }
  STRCMP_EQUAL("readable peer_closed closed", talk.events().c_str());
}

TEST(TcpClose, a_fin_ahead_of_its_turn_waits_for_the_data) {
  Talk talk;
  talk.open();
  talk.send("F. 101:201(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 101:201");
  STRCMP_EQUAL("", talk.events().c_str());
  talk.send(". 1:101(100) ack 1");
  STRCMP_EQUAL("readable peer_closed", talk.events().c_str());
  LONGS_EQUAL(200, talk.read());
  talk.hears(". 1:1(0) ack 202");
}

TEST(TcpClose, data_after_the_peers_fin_are_ignored) {
  Talk talk;
  talk.open();
  talk.send("F. 1:1(0) ack 1");
  talk.events();
  talk.hears(". 1:1(0) ack 2");
  talk.send("P. 2:12(10) ack 1");
  STRCMP_EQUAL("", talk.events().c_str());
}

TEST(TcpClose, a_lost_fin_is_sent_again) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.wait(1100ms);
  talk.hears("F. 1:1(0) ack 1");
}

TEST(TcpClose, a_peer_that_never_closes_is_given_up) {
  Talk talk;
  talk.open();
  talk.engine.close(talk.id, talk.now);
  talk.hears("F. 1:1(0) ack 1");
  talk.send(". 1:1(0) ack 2");
  talk.wait(61s);
  STRCMP_EQUAL("timed_out", talk.events().c_str());
  LONGS_EQUAL(1, talk.counters.fin_wait_expired);
}

TEST(TcpClose, abort_resets_and_says_nothing) {
  Talk talk;
  talk.open();
  talk.write(5);
  talk.hears("P. 1:6(5) ack 1");
  talk.engine.abort(talk.id, talk.now);
  talk.hears("R. 6:6(0) ack 1");
  STRCMP_EQUAL("", talk.events().c_str());
  CHECK_FALSE(talk.engine.alive(talk.id));
  LONGS_EQUAL(0, talk.engine.memory().chunks);
}

TEST(TcpClose, a_stale_id_refers_to_nothing) {
  Talk talk;
  talk.open();
  const ConnectionId old = talk.id;
  talk.engine.abort(old, talk.now);
  talk.all();
  talk.own_known = false;
  talk.peer_port = 40001;
  talk.open();
  LONGS_EQUAL(old.slot, talk.id.slot);
  CHECK_FALSE(talk.engine.alive(old));
  LONGS_EQUAL(0, talk.engine.write(old, as_bytes("x"), talk.now));
  CHECK_TRUE(talk.engine.readable(old).empty());
}

TEST(TcpClose, time_wait_answers_the_fin_again) {
  Talk talk;
  close_first(talk);
  talk.send("F. 1:1(0) ack 2");
  talk.hears(". 2:2(0) ack 2");
}

TEST(TcpClose, time_wait_ignores_a_reset) {  // RFC 1337
  Talk talk;
  close_first(talk);
  talk.send("R 2:2(0)");
  talk.hears_nothing();
  LONGS_EQUAL(1, talk.counters.time_wait_reset_ignored);
  talk.send("F. 1:1(0) ack 2");
  talk.hears(". 2:2(0) ack 2");
}

TEST(TcpClose, time_wait_answers_old_data_for_as_long_as_answers_are_lost) {  // RFC 5961 §7
  Talk talk;
  close_first(talk);
  for (int second = 0; second < 30; ++second) {
    talk.wait(1s);
    talk.send("P. 0:1(1) ack 2");
    CHECK_FALSE(talk.all().empty());
  }
  for (int i = 0; i < 50; ++i) talk.send("P. 0:1(1) ack 2");
  const std::string heard = talk.all();
  CHECK(std::count(heard.begin(), heard.end(), '\n') < talk.settings.challenge_acks);
}

TEST(TcpClose, time_wait_ends) {
  Talk talk;
  close_first(talk);
  talk.wait(61s);
  talk.send("F. 1:1(0) ack 2");
  talk.hears("R 2:2(0)");
}

TEST(TcpClose, a_later_syn_reopens_time_wait) {  // RFC 6191
  Talk talk;
  close_first(talk);
  const std::uint32_t old_first = talk.own_first;
  talk.own_known = false;
  talk.peer_first += 100'000;
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears("S. 0:0(0) ack 1");
  CHECK_TRUE(static_cast<std::int32_t>(talk.own_first - old_first) > 2);
  LONGS_EQUAL(1, talk.counters.time_wait_reused);
}

TEST(TcpClose, an_old_syn_does_not_reopen_time_wait) {
  Talk talk;
  close_first(talk);
  talk.send("S 0:0(0)", {.mss = 1460});
  talk.hears(". 2:2(0) ack 2");
}

TEST(TcpClose, the_oldest_time_wait_makes_way) {
  Talk talk;
  for (std::uint16_t port = 1; port <= 6; ++port) {
    talk.peer_port = port;
    talk.own_known = false;
    close_first(talk);
  }
  LONGS_EQUAL(2, talk.counters.time_wait_recycled);
  talk.peer_port = 1;
  talk.send("F. 1:1(0) ack 2");
  talk.hears("R 2:2(0)");
}

}  // namespace postern::tcp
