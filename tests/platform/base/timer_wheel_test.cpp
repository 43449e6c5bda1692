// The timer wheel against a sorted list.
#include "platform/base/timer_wheel.hpp"

#include <map>
#include <random>
#include <vector>

#include <CppUTest/TestHarness.h>

namespace postern {
namespace {

struct Timer : TimerNode {
  int fired = 0;
};

std::size_t count_fired(TimerWheel& wheel, Instant now, std::size_t limit = 1000) {
  return wheel.advance(now, limit, [](TimerNode& node) { ++static_cast<Timer&>(node).fired; });
}

}  // namespace

TEST_GROUP(TimerWheel) {
  TimerWheel wheel;
};

TEST(TimerWheel, an_empty_wheel_never_fires) {
  CHECK_TRUE(wheel.next() == kNever);
  LONGS_EQUAL(0, count_fired(wheel, Instant{1h}));
}

TEST(TimerWheel, fires_not_before_its_time_and_within_a_tick_after) {
  Timer timer;
  wheel.arm(timer, Instant{5ms});
  LONGS_EQUAL(0, count_fired(wheel, Instant{5ms - 1ns}));
  LONGS_EQUAL(1, count_fired(wheel, Instant{5ms + 132us}));
  CHECK_FALSE(timer.armed());
}

TEST(TimerWheel, next_is_when_something_happens) {
  Timer timer;
  wheel.arm(timer, Instant{3h});
  int steps = 0;
  while (timer.fired == 0) {
    const Instant next = wheel.next();
    CHECK_TRUE(next <= TimerWheel::rounded(Instant{3h}));
    count_fired(wheel, next);
    ++steps;
  }
  CHECK_TRUE(steps <= 7);
}

TEST(TimerWheel, a_disarmed_timer_stays_silent) {
  Timer timer;
  wheel.arm(timer, Instant{1s});
  wheel.disarm(timer);
  wheel.disarm(timer);
  CHECK_TRUE(wheel.next() == kNever);
  LONGS_EQUAL(0, count_fired(wheel, Instant{2s}));
}

TEST(TimerWheel, a_past_instant_is_due_at_once) {
  Timer timer;
  count_fired(wheel, Instant{10s});
  wheel.arm(timer, Instant{1s});
  LONGS_EQUAL(1, count_fired(wheel, Instant{10s}));
}

TEST(TimerWheel, an_instant_that_never_comes_is_far_away) {
  Timer timer;
  wheel.arm(timer, kNever);
  LONGS_EQUAL(0, count_fired(wheel, Instant{24h * 365}));
}

TEST(TimerWheel, work_per_call_is_bounded_and_goes_on) {
  std::vector<Timer> timers(100);
  for (auto& timer : timers) wheel.arm(timer, Instant{1s});
  std::size_t total = 0;
  int calls = 0;
  while (total < timers.size()) {
    const std::size_t fired = count_fired(wheel, Instant{2s}, 7);
    CHECK_TRUE(fired <= 7);
    total += fired;
    CHECK_TRUE(++calls < 100);
  }
  CHECK_TRUE(wheel.next() == kNever);
}

TEST(TimerWheel, a_timer_may_arm_itself_and_disarm_others) {
  Timer first;
  Timer second;
  wheel.arm(first, Instant{1ms});
  wheel.arm(second, Instant{1ms});
  wheel.advance(Instant{2ms}, 10, [&](TimerNode& node) {
    if (&node != &first) return;
    wheel.disarm(second);
    wheel.arm(first, Instant{5ms});
  });
  CHECK_TRUE(first.armed());
  CHECK_FALSE(second.armed());
}

TEST(TimerWheel, agrees_with_a_sorted_list) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 dice{seed};
    TimerWheel own;
    std::vector<Timer> timers(64);
    std::map<const Timer*, Instant> model;
    Instant now{};
    for (int i = 0; i < 3000; ++i) {
      Timer& timer = timers[dice() % timers.size()];
      const auto spread = Duration{static_cast<Duration::rep>(dice()) << (dice() % 16)};
      switch (dice() % 3) {
        case 0:
          own.arm(timer, now + spread);
          model[&timer] = TimerWheel::rounded(now + spread);
          break;
        case 1:
          own.disarm(timer);
          model.erase(&timer);
          break;
        default:
          now += spread / 4;
          own.advance(now, 1000, [&](TimerNode& node) {
            const auto* const fired = static_cast<Timer*>(&node);
            CHECK_TRUE(model.contains(fired));
            CHECK_TRUE(model[fired] <= now);
            model.erase(fired);
          });
          for (const auto& [left, when] : model) CHECK_TRUE(when > now);
      }
      Instant first = kNever;
      for (const auto& [left, when] : model) first = std::min(first, when);
      CHECK_TRUE(own.next() <= first);
      for (auto& left : timers) CHECK_EQUAL(model.contains(&left), left.armed());
    }
    for (auto& timer : timers) own.disarm(timer);
  }
}

}  // namespace postern
