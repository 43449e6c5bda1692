// The order of SACK blocks. RFC 2018 §4, RFC 2883 §4.
#include <string>

#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Talk;

TEST_GROUP(TcpSack) {
  Talk talk;
  void setup() override {
    talk.open({.mss = 1460, .scale = 0, .sack_permitted = true});
  }
};

TEST(TcpSack, what_came_last_is_told_first) {  // RFC 2018 §4
  talk.send("P. 1001:1101(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 1001:1101");
  talk.send("P. 3001:3101(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 3001:3101 sack 1001:1101");
  talk.send("P. 2001:2101(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 2001:2101 sack 3001:3101 sack 1001:1101");
}

TEST(TcpSack, the_block_that_grew_moves_to_the_front) {  // RFC 2018 §4
  talk.send("P. 1001:1101(100) ack 1");
  talk.all();
  talk.send("P. 3001:3101(100) ack 1");
  talk.all();
  talk.send("P. 1101:1201(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 1001:1201 sack 3001:3101");
}

TEST(TcpSack, a_block_is_told_at_least_three_times) {  // RFC 2018 §4
  talk.send("P. 1001:1101(100) ack 1");
  int told = 0;
  for (const char* more : {"P. 2001:2101(100) ack 1", "P. 3001:3101(100) ack 1", "P. 4001:4101(100) ack 1",
                           "P. 5001:5101(100) ack 1"}) {
    if (talk.all().find("1001:1101") != std::string::npos) ++told;
    talk.send(more);
  }
  CHECK(told >= 3);
}

TEST(TcpSack, two_blocks_that_meet_are_one) {
  talk.send("P. 1001:1101(100) ack 1");
  talk.all();
  talk.send("P. 1201:1301(100) ack 1");
  talk.all();
  talk.send("P. 1101:1201(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 1001:1301");
}

TEST(TcpSack, a_filled_hole_leaves_the_rest_in_its_order) {
  talk.send("P. 101:201(100) ack 1");
  talk.all();
  talk.send("P. 1001:1101(100) ack 1");
  talk.all();
  talk.send("P. 2001:2101(100) ack 1");
  talk.all();
  talk.send("P. 1:101(100) ack 1");
  talk.hears(". 1:1(0) ack 201 sack 2001:2101 sack 1001:1101");
}

TEST(TcpSack, what_arrived_before_comes_first_of_all) {  // RFC 2883 §4.1
  talk.send("P. 1:101(100) ack 1");
  talk.send("P. 1001:1101(100) ack 1");
  talk.all();
  talk.send("P. 1:101(100) ack 1");
  talk.hears(". 1:1(0) ack 101 sack 1:101 sack 1001:1101");
  talk.send("P. 1101:1201(100) ack 1");
  talk.hears(". 1:1(0) ack 101 sack 1001:1201");  // told once
}

TEST(TcpSack, a_duplicate_out_of_order_comes_before_the_block_it_lies_in) {  // RFC 2883 §4.1.2
  talk.send("P. 1001:1301(300) ack 1");
  talk.all();
  talk.send("P. 2001:2101(100) ack 1");
  talk.all();
  talk.send("P. 1101:1201(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 1101:1201 sack 1001:1301 sack 2001:2101");
}

TEST(TcpSack, only_the_part_that_arrived_before_is_a_duplicate) {  // RFC 2883 §4.2
  talk.send("P. 1001:1101(100) ack 1");
  talk.all();
  talk.send("P. 1051:1151(100) ack 1");
  talk.hears(". 1:1(0) ack 1 sack 1051:1101 sack 1001:1151");
}

// What a queue that overflows under a paced sender leaves: every second segment, for a whole window.
TEST(TcpSack, every_second_segment_of_a_window_may_be_missing) {
  Settings settings = testing::talk_settings();
  settings.first_window = settings.receive_buffer = 256 * 1024;
  Talk wide{settings};
  wide.open({.mss = 1460, .scale = 7, .sack_permitted = true});
  constexpr unsigned kSegments = 170;
  for (unsigned turn = 0; turn < 2; ++turn) {
    for (unsigned i = 1 - turn; i < kSegments; i += 2) {
      const unsigned at = 1 + i * 1460;
      wide.send((". " + std::to_string(at) + ":" + std::to_string(at + 1460) + "(1460) ack 1").c_str());
      wide.all();
    }
  }
  LONGS_EQUAL(0, wide.counters.out_of_order_refused);
  LONGS_EQUAL(kSegments * 1460, wide.read());
}

}  // namespace postern::tcp
