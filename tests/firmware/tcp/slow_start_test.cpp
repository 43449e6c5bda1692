// HyStart++: RFC 9406.
#include "firmware/tcp/slow_start.hpp"

#include "firmware/tcp/congestion.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

namespace {

// One round of `acks` acknowledgments with this round trip. True where slow start ends in it.
bool round_of(SlowStart& start, SeqNumber& una, int acks, std::uint32_t rtt) {
  bool over = false;
  const SeqNumber end = una + 1000;
  for (int i = 1; i <= acks; ++i) over |= start.acknowledged(i == acks ? end : una + i, end + 1000, rtt);
  una = end;
  return over;
}

}  // namespace

TEST_GROUP(TcpSlowStart) {
  SlowStart start;
  SeqNumber una{1};
  void setup() override {
    start.acknowledged(una, una + 1000, 0);
  }
};

TEST(TcpSlowStart, a_steady_round_trip_never_ends_it) {
  for (int i = 0; i < 50; ++i) CHECK_FALSE(round_of(start, una, 20, 50'000));
  LONGS_EQUAL(1, start.divisor());
}

TEST(TcpSlowStart, a_longer_round_trip_slows_it_to_a_quarter) {  // RFC 9406 §4.2
  round_of(start, una, 20, 40'000);
  round_of(start, una, 20, 44'900);
  LONGS_EQUAL(1, start.divisor());  // an eighth is 5 ms
  round_of(start, una, 20, 50'600);
  LONGS_EQUAL(4, start.divisor());
}

TEST(TcpSlowStart, small_growth_of_a_short_round_trip_is_jitter) {  // RFC 9406 §4.2: MIN_RTT_THRESH
  round_of(start, una, 20, 1'000);
  round_of(start, una, 20, 4'900);
  LONGS_EQUAL(1, start.divisor());
  round_of(start, una, 20, 8'901);
  LONGS_EQUAL(4, start.divisor());
}

TEST(TcpSlowStart, few_samples_decide_nothing) {  // RFC 9406 §4.2: N_RTT_SAMPLE
  round_of(start, una, 20, 40'000);
  round_of(start, una, 7, 90'000);
  LONGS_EQUAL(1, start.divisor());
}

TEST(TcpSlowStart, five_slow_rounds_end_it) {  // RFC 9406 §4.2: CSS_ROUNDS
  round_of(start, una, 20, 40'000);
  bool over = round_of(start, una, 20, 60'000);
  int rounds = 1;
  for (; !over; ++rounds) over = round_of(start, una, 20, 60'000);
  LONGS_EQUAL(5, rounds);
}

TEST(TcpSlowStart, a_round_trip_that_shrinks_again_resumes_it) {  // RFC 9406 §4.2
  round_of(start, una, 20, 40'000);
  round_of(start, una, 20, 60'000);
  LONGS_EQUAL(4, start.divisor());
  round_of(start, una, 20, 41'000);
  LONGS_EQUAL(1, start.divisor());
}

TEST(TcpSlowStart, the_window_grows_by_a_quarter_and_then_by_cubic) {  // RFC 9406 §4.2
  Congestion congestion;
  congestion.window = 100'000;
  congestion.slow_start.conservative = true;
  congestion.grow(10'000, 1000, 50'000, 1'000'000, true);
  LONGS_EQUAL(102'500, congestion.window);
  congestion.end_slow_start();
  LONGS_EQUAL(102'500, congestion.threshold);
  congestion.grow(10'000, 1000, 50'000, 1'050'000, true);
  CHECK_TRUE(congestion.window < 104'000);
}

TEST(TcpSlowStart, unpaced_growth_per_acknowledgment_is_limited) {  // RFC 9406 §4.2: L
  Congestion congestion;
  congestion.window = 100'000;
  congestion.grow(50'000, 1000, 50'000, 1'000'000, false);
  LONGS_EQUAL(108'000, congestion.window);
}

}  // namespace postern::tcp
