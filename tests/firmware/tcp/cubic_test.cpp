// CUBIC's window on its own, round trip by round trip: RFC 9438.
#include <cmath>

#include "firmware/tcp/congestion.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::tcp {

namespace {
constexpr std::uint32_t kMss = 1000;
}

TEST_GROUP(TcpCubic) {
  Congestion congestion;
  std::uint64_t now = 1'000'000;  // microseconds

  void lose_at(std::uint32_t segments) {
    congestion.window = segments * kMss;
    congestion.enter_recovery(SeqNumber{0}, segments * kMss, kMss);
    congestion.leave_recovery(kMss);
  }
  // Full windows are acknowledged for `time`, one per round trip.
  double after(std::uint64_t time, std::uint32_t round_trip) {
    for (const std::uint64_t end = now + time; now < end; now += round_trip)
      congestion.grow(congestion.window, kMss, round_trip, now, true);
    return static_cast<double>(congestion.window) / kMss;
  }
};

TEST(TcpCubic, a_loss_leaves_seven_tenths) {  // RFC 9438 §4.6
  lose_at(1000);
  LONGS_EQUAL(700 * kMss, congestion.window);
}

// The window of a recovery follows what is still in flight and may be tiny when much was lost.
TEST(TcpCubic, a_timeout_while_losses_are_repaired_does_not_cut_again) {  // RFC 5681 §3.1
  congestion.window = 1000 * kMss;
  congestion.enter_recovery(SeqNumber{0}, 1000 * kMss, kMss);
  congestion.reduce(kMss, 10 * kMss, kMss);
  CHECK_TRUE(congestion.window < 20 * kMss);
  congestion.enter_loss(SeqNumber{0}, 900 * kMss, kMss);
  LONGS_EQUAL(700 * kMss, congestion.threshold);
  LONGS_EQUAL(kMss, congestion.window);
}

TEST(TcpCubic, the_window_is_back_after_the_cube_root_of_what_was_lost) {  // RFC 9438 §4.2
  lose_at(1000);
  const double back = std::cbrt(300 / 0.4);  // seconds: K
  const double half_way = after(static_cast<std::uint64_t>(back / 2 * 1e6), 100'000);
  CHECK_TRUE(half_way > 930 && half_way < 985);  // a concave curve: most of it early
  const double at_k = after(static_cast<std::uint64_t>(back / 2 * 1e6), 100'000);
  DOUBLES_EQUAL(1000, at_k, 10);
}

TEST(TcpCubic, beyond_the_old_window_it_grows_slowly_and_then_faster) {  // RFC 9438 §4.5
  lose_at(1000);
  after(static_cast<std::uint64_t>(std::cbrt(300 / 0.4) * 1e6), 100'000);
  const double one = after(1'000'000, 100'000) - 1000;
  const double three = after(2'000'000, 100'000) - 1000;
  CHECK_TRUE(one < 5);
  CHECK_TRUE(three > 8 * one);
}

TEST(TcpCubic, on_a_short_path_it_is_no_slower_than_reno) {  // RFC 9438 §4.3
  lose_at(100);
  const double window = after(20'000, 1'000);  // the curve itself gains less than one segment
  const double reno = 70 + 20 * 3 * (1 - 0.7) / (1 + 0.7);
  DOUBLES_EQUAL(reno, window, 2);
}

TEST(TcpCubic, a_second_loss_below_the_first_gives_way_to_newcomers) {  // RFC 9438 §4.7
  lose_at(1000);
  lose_at(800);
  congestion.grow(kMss, kMss, 100'000, now, true);
  DOUBLES_EQUAL(800 * (1 + 0.7) / 2, congestion.cubic.window_max, 1);
}

}  // namespace postern::tcp
