// Bytes, counters, the object pool and the rate limit.
#include "platform/base/bytes.hpp"
#include "platform/base/counters.hpp"
#include "platform/base/pool.hpp"
#include "platform/base/siphash.hpp"
#include "platform/base/token_bucket.hpp"

#include <set>

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

#define TEST_COUNTERS(X) X(apples, "apples seen") X(pears, "pears seen")
POSTERN_DEFINE_COUNTERS(Fruit, TEST_COUNTERS);

struct Thing {
  Thing* next = nullptr;
  int value = 0;
};

Instant at(Duration since) {
  return Instant(since);
}

}  // namespace

TEST_GROUP(Base){};

TEST(Base, NumbersAreStoredInNetworkOrder) {
  std::uint8_t bytes[9] = {};
  store_be16(bytes + 1, 0x0102);
  CHECK_EQUAL(1, bytes[1]);
  CHECK_EQUAL(2, bytes[2]);
  store_be32(bytes + 1, 0x01020304);
  CHECK_EQUAL(4, bytes[4]);
  CHECK_EQUAL(0x01020304u, load_be32(bytes + 1));
  store_be64(bytes + 1, 0x0102030405060708);
  CHECK_EQUAL(8, bytes[8]);
  CHECK_TRUE(load_be64(bytes + 1) == 0x0102030405060708);
  CHECK_EQUAL(0x0708, load_be16(bytes + 7));
}

TEST(Base, TextAndBytesAreTheSame) {
  const std::string_view text = "a\xff";
  CHECK_EQUAL(0xff, as_bytes(text)[1]);
  CHECK_TRUE(as_text(as_bytes(text)) == text);
}

TEST(Base, CountersGoByName) {
  Fruit fruit;
  ++fruit.pears;
  const auto values = counter_values(fruit);
  CHECK_EQUAL(2, values.size());
  CHECK_EQUAL(0, values[0]);
  CHECK_EQUAL(1, values[1]);
  CHECK_TRUE(Fruit::names[1].name == "pears" && Fruit::names[1].meaning == "pears seen");
}

TEST(Base, APoolGivesEachObjectToOneOwner) {
  Pool<Thing> pool(3);
  std::set<Thing*> taken;
  for (int i = 0; i < 3; ++i) taken.insert(pool.take());
  CHECK_EQUAL(3, taken.size());
  CHECK_TRUE(taken.count(nullptr) == 0);
  POINTERS_EQUAL(nullptr, pool.take());
  pool.give(*taken.begin());
  CHECK_EQUAL(1, pool.available());
  POINTERS_EQUAL(*taken.begin(), pool.take());
}

TEST(Base, AFifoKeepsTheOrder) {
  Thing a{nullptr, 1};
  Thing b{nullptr, 2};
  Fifo<Thing> fifo;
  fifo.push(&a);
  fifo.push(&b);
  CHECK_EQUAL(2, fifo.size());
  POINTERS_EQUAL(&a, fifo.pop());
  fifo.push(&a);
  POINTERS_EQUAL(&b, fifo.pop());
  POINTERS_EQUAL(&a, fifo.pop());
  POINTERS_EQUAL(nullptr, fifo.pop());
  CHECK_TRUE(fifo.empty());
}

TEST(Base, TheRateLimitAllowsABurstAndThenTheRate) {
  TokenBucket bucket(10);
  for (int i = 0; i < 10; ++i) CHECK_TRUE(bucket.take(at(5s)));
  CHECK_FALSE(bucket.take(at(5s)));
  CHECK_FALSE(bucket.take(at(5s + 99ms)));
  CHECK_TRUE(bucket.take(at(5s + 100ms)));
  CHECK_FALSE(bucket.take(at(5s + 199ms)));
  CHECK_TRUE(bucket.take(at(5s + 201ms)));
  CHECK_TRUE_TEXT(bucket.take(at(5s + 300ms)), "the odd millisecond is not lost");
}

TEST(Base, TheRateLimitForgetsOldRights) {
  TokenBucket bucket(10);
  int taken = 0;
  while (bucket.take(at(1h))) ++taken;
  CHECK_EQUAL(10, taken);
  CHECK_FALSE_TEXT(bucket.take(at(1s)), "time that goes back brings nothing");
}

TEST(Base, ARateOfNothingAllowsNothing) {
  CHECK_FALSE(TokenBucket(0).take(at(1h)));
}

TEST(Base, TheKeyedHashIsSipHash) {
  // The first values of the SipHash-2-4 test vectors: key 00..0f, messages of 0 and 1 bytes 00...
  SipKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  const std::uint8_t message[] = {0};
  CHECK_TRUE(siphash(key, {}) == 0x726fdb47dd0e0e31);
  CHECK_TRUE(siphash(key, message) == 0x74f839c593dc67fd);
}
