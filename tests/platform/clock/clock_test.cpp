// The clock against the kernel's.
#include "platform/clock/clock.hpp"

#include <cstdlib>
#include <thread>

#include <CppUTest/TestHarness.h>

using namespace postern;
using clock::Clock;

namespace {

// How far the clock is from the kernel's between two readings of the kernel; zero where it lies between them.
template <typename Point>
Duration distance(Point before, Point value, Point after) {
  if (value < before) return before - value;
  return value > after ? Duration(value - after) : Duration::zero();
}

// The best of a few tries: the machine may take the CPU away at any moment.
Duration distance_from_kernel(Clock& clock) {
  Duration best = 1h;
  for (int i = 0; i < 50; ++i) {
    const auto before = clock::kernel_instant();
    const auto now = clock.now().instant;
    best = std::min(best, distance(before, now, clock::kernel_instant()));
  }
  return best;
}

}  // namespace

TEST_GROUP(Clock){};

TEST(Clock, never_goes_back) {
  Clock clock;
  auto last = clock.now().instant;
  bool forward = true;
  for (int i = 0; i < 2'000'000; ++i) {
    const auto now = clock.now().instant;
    forward &= now >= last;
    last = now;
  }
  CHECK_TRUE(forward);
}

TEST(Clock, is_the_kernels_within_microseconds) {
  Clock clock;
  for (int i = 0; i < 20; ++i) {
    CHECK_TRUE(distance_from_kernel(clock) < 20us);
    std::this_thread::sleep_for(3ms);
  }
}

TEST(Clock, is_right_after_a_long_sleep) {
  Clock clock;
  clock.now();
  std::this_thread::sleep_for(300ms);
  CHECK_TRUE(distance_from_kernel(clock) < 20us);
}

TEST(Clock, the_wall_is_at_most_milliseconds_old) {
  Clock clock;
  std::this_thread::sleep_for(5ms);
  Duration best = 1h;
  for (int i = 0; i < 50; ++i) {
    const auto wall = clock.now().wall;
    best = std::min(best, Duration(clock::kernel_wall() - wall));
  }
  CHECK_TRUE(best >= Duration::zero() - 1ms);
  CHECK_TRUE(best < 3ms);
}

TEST(Clock, works_without_the_counter) {
  Clock clock(false);
  CHECK_FALSE(clock.uses_counter());
  CHECK_TRUE(distance_from_kernel(clock) < 20us);
  CHECK_TRUE(Duration(clock::kernel_wall() - clock.now().wall) < 1s);
}

TEST(Clock, two_clocks_agree) {
  Clock one;
  Clock two;
  Duration best = 1h;
  for (int i = 0; i < 50; ++i) {
    const auto before = one.now().instant;
    const auto middle = two.now().instant;
    best = std::min(best, distance(before, middle, one.now().instant));
  }
  CHECK_TRUE(best < 20us);
}
