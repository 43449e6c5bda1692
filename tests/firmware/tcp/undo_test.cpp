// Reductions that were for nothing are taken back. RFC 3522, 3708, 4015, 5682.
#include "tests/firmware/tcp/talk.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

using testing::Options;
using testing::Talk;
using testing::talk_settings;

namespace {

const Options kTimestamps{.mss = 1460, .sack_permitted = true, .timestamps = true, .timestamp = 7};

std::uint32_t window_of(const Talk& talk) {
  return talk.engine.facts(talk.id)->congestion_window;
}

}  // namespace

TEST_GROUP(TcpUndo){
    // A round trip of 20 ms is known and ten segments, 14601 to 29201, are in flight.
    static void warm_up(Talk & talk,
                        const Options& options = {.mss = 1460, .sack_permitted = true}){talk.open(options);
talk.write(14'600);
talk.all();
talk.now += 20ms;
talk.send(". 1:1(0) ack 14601", answer(talk, options));
talk.events();
talk.write(14'600);
talk.all();
talk.now += 20ms;
}  // namespace postern::tcp
// The same with segments of 1448 bytes: 14481 to 28961.
static void warm_up_with_timestamps(Talk& talk) {
  talk.open(kTimestamps);
  for (const char* all_came : {". 1:1(0) ack 14481", ""}) {
    talk.write(14'480);
    talk.all();
    talk.now += 20ms;
    if (*all_came != 0) talk.send(all_came, answer(talk, kTimestamps));
    talk.events();
  }
}
// Options of the peer's next segment, which echoes our last timestamp.
static Options answer(const Talk& talk, const Options& options) {
  return {
      .timestamps = options.timestamps, .timestamp = options.timestamp, .echo = talk.last_options.timestamp};
}
}
;

TEST(TcpUndo, duplicates_of_all_that_was_sent_again_put_the_window_back) {  // RFC 3708 §3
  Talk talk;
  warm_up(talk);
  const std::uint32_t before = window_of(talk);
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 29201}}});
  talk.hears(". 14601:16061(1460) ack 1");
  CHECK_TRUE(window_of(talk) < before);
  talk.send(". 1:1(0) ack 29201");  // the first sending was only late
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 29201", {.sack = {{14601, 16061}}});
  LONGS_EQUAL(1, talk.counters.spurious_by_duplicates);
  CHECK_TRUE(window_of(talk) >= before);
  LONGS_EQUAL(0x7fffffff, talk.engine.facts(talk.id)->slow_start_threshold);
}

TEST(TcpUndo, a_duplicate_of_a_part_proves_nothing) {  // RFC 3708 §3
  Talk talk;
  warm_up(talk);
  const std::uint32_t before = window_of(talk);
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 18981}, {20441, 29201}}});
  talk.hears(". 14601:16061(1460) ack 1");
  talk.hears(". 18981:20441(1460) ack 1");
  talk.send(". 1:1(0) ack 29201");
  talk.send(". 1:1(0) ack 29201", {.sack = {{14601, 16061}}});
  CHECK_TRUE(window_of(talk) < before);
  LONGS_EQUAL(0, talk.counters.spurious_by_duplicates);
}

TEST(TcpUndo, more_duplicates_than_repetitions_are_the_networks) {  // RFC 3708 §3
  Talk talk;
  warm_up(talk);
  talk.send(". 1:1(0) ack 14601", {.sack = {{16061, 29201}}});
  talk.hears(". 14601:16061(1460) ack 1");
  talk.send(". 1:1(0) ack 29201", {.sack = {{14601, 18981}}});
  talk.send(". 1:1(0) ack 29201", {.sack = {{14601, 16061}}});
  LONGS_EQUAL(0, talk.counters.spurious_by_duplicates);
}

TEST(TcpUndo, an_echo_from_before_the_repetition_shows_that_it_was_late) {  // RFC 4015 §3.2
  Talk talk;
  warm_up_with_timestamps(talk);
  const std::uint32_t before = window_of(talk);
  const Options late = answer(talk, kTimestamps);
  Options hole = late;
  hole.sack = {{15929, 28961}};
  talk.send(". 1:1(0) ack 14481", hole);
  talk.wait(10ms);
  talk.hears(". 14481:15929(1448) ack 1");
  CHECK_TRUE(window_of(talk) < before);
  talk.send(". 1:1(0) ack 28961", late);
  LONGS_EQUAL(1, talk.counters.spurious_by_echo);
  CHECK_TRUE(window_of(talk) >= before);
}

TEST(TcpUndo, an_echo_of_the_repetition_proves_the_loss) {  // RFC 4015 §3.2
  Talk talk;
  warm_up_with_timestamps(talk);
  const std::uint32_t before = window_of(talk);
  Options hole = answer(talk, kTimestamps);
  hole.sack = {{15929, 28961}};
  talk.send(". 1:1(0) ack 14481", hole);
  talk.wait(10ms);
  talk.hears(". 14481:15929(1448) ack 1");
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 28961", answer(talk, kTimestamps));
  LONGS_EQUAL(0, talk.counters.spurious_by_echo);
  CHECK_TRUE(window_of(talk) < before);
}

TEST(TcpUndo, a_time_out_by_mere_delay_is_seen_with_new_data) {  // RFC 5682 §2.1
  Talk talk;
  warm_up(talk, {.mss = 1460});
  const std::uint32_t before = window_of(talk);
  talk.wait(250ms);
  talk.hears(". 14601:16061(1460) ack 1");
  LONGS_EQUAL(1460, window_of(talk));
  talk.write(8760);
  talk.hears_nothing();
  talk.send(". 1:1(0) ack 16061");  // of the first sending; nobody can tell yet
  talk.hears(". 29201:30661(1460) ack 1");
  talk.hears(". 30661:32121(1460) ack 1");
  talk.hears_nothing();
  talk.send(". 1:1(0) ack 17521");  // never sent again, and yet there
  LONGS_EQUAL(1, talk.counters.spurious_timeouts);
  CHECK_TRUE(window_of(talk) >= before);
  LONGS_EQUAL(1, talk.counters.retransmitted);
}

TEST(TcpUndo, a_real_time_out_goes_on_with_repairs) {  // RFC 5682 §2.1 step 3a
  Talk talk;
  warm_up(talk, {.mss = 1460});
  talk.wait(250ms);
  talk.hears(". 14601:16061(1460) ack 1");
  talk.write(8760);
  talk.send(". 1:1(0) ack 16061");
  talk.hears(". 29201:30661(1460) ack 1");
  talk.hears(". 30661:32121(1460) ack 1");
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 16061");  // the new data, and nothing of the old
  LONGS_EQUAL(0, talk.counters.spurious_timeouts);
  talk.hears(". 16061:17521(1460) ack 1");
}

TEST(TcpUndo, sack_of_the_new_data_alone_proves_nothing) {  // RFC 5682 §3.1
  Talk talk;
  warm_up(talk);
  talk.wait(70ms);
  talk.all();  // the probe of the tail
  talk.wait(1s);
  talk.all();
  talk.write(8760);
  talk.send(". 1:1(0) ack 16061");
  talk.all();
  talk.now += 20ms;
  talk.send(". 1:1(0) ack 16061", {.sack = {{29201, 32121}}});
  LONGS_EQUAL(0, talk.counters.spurious_timeouts);
}

TEST(TcpUndo, a_time_out_with_nothing_new_to_send_is_repaired_at_once) {  // RFC 5682 §2.1 step 2
  Talk talk;
  warm_up(talk, {.mss = 1460});
  talk.wait(250ms);
  talk.hears(". 14601:16061(1460) ack 1");
  talk.send(". 1:1(0) ack 16061");
  talk.hears(". 16061:17521(1460) ack 1");
}

TEST(TcpUndo, a_setting_turns_it_off) {
  Settings settings = talk_settings();
  settings.undo = false;
  Talk talk{settings};
  warm_up(talk, {.mss = 1460});
  talk.wait(250ms);
  talk.hears(". 14601:16061(1460) ack 1");
  talk.write(8760);
  talk.send(". 1:1(0) ack 16061");
  talk.hears(". 16061:17521(1460) ack 1");
}

}  // namespace postern::tcp
