// The core's random numbers.
#include <array>
#include <cstring>
#include <set>
#include <vector>

#include "platform/rng/core_random.hpp"
#include "platform/rng/system_seed.hpp"

#include <CppUTest/TestHarness.h>

using postern::rng::CoreRandom;
using postern::rng::Seed;

namespace {

std::vector<std::uint8_t> bytes_of(CoreRandom& random, std::size_t n, std::size_t step) {
  std::vector<std::uint8_t> out(n);
  for (std::size_t at = 0; at < n; at += step) {
    random.fill({out.data() + at, std::min(step, n - at)});
  }
  return out;
}

}  // namespace

TEST_GROUP(CoreRandom) {
  Seed seed{1, 2, 3};
};

TEST(CoreRandom, same_seed_gives_the_same_numbers_however_they_are_asked_for) {
  CoreRandom a(seed);
  CoreRandom b(seed);
  CHECK_TRUE(bytes_of(a, 10000, 10000) == bytes_of(b, 10000, 7));
}

TEST(CoreRandom, another_seed_gives_other_numbers) {
  CoreRandom a(seed);
  seed[31] ^= 1;
  CoreRandom b(seed);
  CHECK_FALSE(bytes_of(a, 64, 64) == bytes_of(b, 64, 64));
}

TEST(CoreRandom, starts_with_the_key_stream_behind_the_first_new_key) {
  // ChaCha20 with an all-zero key and nonce; RFC 8439 appendix A.1 test vector 1, bytes 32 to 47.
  CoreRandom random(Seed{});
  const std::array<std::uint8_t, 16> expected{0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d,
                                              0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37};
  MEMCMP_EQUAL(expected.data(), bytes_of(random, 16, 16).data(), 16);
}

TEST(CoreRandom, does_not_repeat) {
  CoreRandom random(seed);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200000; ++i) CHECK_TRUE(seen.insert(random.u64()).second);
}

TEST(CoreRandom, what_was_handed_out_is_no_longer_in_memory) {
  CoreRandom random(seed);
  std::array<std::uint8_t, 24> out;
  random.fill(out);
  std::vector<std::uint8_t> memory(sizeof random);
  std::memcpy(memory.data(), static_cast<const void*>(&random), sizeof random);
  for (std::size_t at = 0; at + out.size() <= memory.size(); ++at) {
    CHECK_FALSE(std::memcmp(memory.data() + at, out.data(), out.size()) == 0);
  }
}

TEST(CoreRandom, below_stays_below_and_reaches_every_value_about_equally) {
  CoreRandom random(seed);
  std::array<int, 10> hits{};
  for (int i = 0; i < 100000; ++i) ++hits[random.below(10)];
  for (const int n : hits) CHECK_TRUE(n > 9500 && n < 10500);
  CHECK_EQUAL(0, random.below(1));
  CHECK_EQUAL(0, random.below(0));
}

TEST(CoreRandom, the_system_gives_a_new_seed_each_time) {
  const auto a = postern::rng::system_seed();
  const auto b = postern::rng::system_seed();
  CHECK_TRUE(a.has_value() && b.has_value());
  CHECK_FALSE(*a == *b);
}
