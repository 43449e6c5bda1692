// The ring between two threads: nothing lost, nothing twice, nothing out of order.
#include "platform/base/spsc_ring.hpp"

#include <memory>
#include <thread>

#include <CppUTest/TestHarness.h>

using postern::SpscRing;

namespace {

// Two words that belong together: a torn element would show.
struct Pair {
  std::uint64_t value;
  std::uint64_t mirrored;
};

}  // namespace

TEST_GROUP(SpscRingTest){};

TEST(SpscRingTest, FirstInIsFirstOut) {
  SpscRing<int, 4> ring;
  int value = 0;
  CHECK_TRUE(ring.empty());
  CHECK_FALSE(ring.pop(value));
  CHECK_TRUE(ring.push(1) && ring.push(2));
  CHECK_TRUE(ring.pop(value));
  CHECK_EQUAL(1, value);
  CHECK_TRUE(ring.pop(value));
  CHECK_EQUAL(2, value);
  CHECK_TRUE(ring.empty());
}

TEST(SpscRingTest, AFullRingTakesNoMoreAndLosesNothing) {
  SpscRing<int, 4> ring;
  for (int i = 0; i < 4; ++i) CHECK_TRUE(ring.push(i));
  CHECK_FALSE(ring.push(4));
  int value = 0;
  CHECK_TRUE(ring.pop(value));
  CHECK_TRUE(ring.push(4));
  for (int i = 1; i < 5; ++i) {
    CHECK_TRUE(ring.pop(value));
    CHECK_EQUAL(i, value);
  }
}

TEST(SpscRingTest, TwoThreadsSeeEveryElementOnceInOrder) {
  constexpr std::uint64_t kCount = 300'000;
  const auto ring = std::make_unique<SpscRing<Pair, 64>>();
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < kCount; ++i) {
      while (!ring->push({i, ~i})) std::this_thread::yield();
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t expected = 0; expected < kCount; ++expected) {
    Pair pair{};
    while (!ring->pop(pair)) std::this_thread::yield();
    if (pair.value != expected || pair.mirrored != ~expected) ++wrong;
  }
  writer.join();
  CHECK_EQUAL(0, wrong);
  CHECK_TRUE(ring->empty());
}
