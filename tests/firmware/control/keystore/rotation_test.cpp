// The life of a key that signs mail, hour by hour.
#include "firmware/control/keystore/rotation/rotation.hpp"

#include <array>

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::keystore;

namespace {

constexpr std::uint64_t kHour = 3600ull * 1'000'000'000;
constexpr std::uint64_t kStart = 1'000'000 * kHour;

bool is(const Life& life, State state) {
  return life.state == state;
}

}  // namespace

TEST_GROUP(Rotation) {
  std::array<Life, 1> one{Life{State::fresh, kStart, 0}};
  std::array<Life, 2> two{Life{State::signing, kStart, kStart}, Life{State::fresh, kStart, 0}};
};

TEST(Rotation, a_key_waits_until_its_record_is_seen) {
  CHECK(!move_on(one, kStart + 1000 * kHour));
  looked(one[0], true, kStart + kHour);
  CHECK(move_on(one, kStart + kHour));
  CHECK(is(one[0], State::published));
}

TEST(Rotation, a_key_signs_only_after_others_had_time_to_see_its_record) {
  looked(one[0], true, kStart);
  move_on(one, kStart);
  CHECK(!move_on(one, kStart + kHour - 1));
  CHECK(move_on(one, kStart + kHour));
  CHECK(is(one[0], State::signing));
}

TEST(Rotation, an_old_look_at_the_DNS_does_not_make_a_key_sign) {
  looked(one[0], true, kStart);
  move_on(one, kStart);
  CHECK(!move_on(one, kStart + 5 * kHour));
  looked(one[0], true, kStart + 5 * kHour);
  CHECK(move_on(one, kStart + 5 * kHour));
  CHECK(is(one[0], State::signing));
}

TEST(Rotation, a_record_that_went_away_puts_the_key_back) {
  looked(one[0], true, kStart);
  move_on(one, kStart);
  looked(one[0], false, kStart + kHour / 2);
  CHECK(move_on(one, kStart + kHour / 2));
  CHECK(is(one[0], State::fresh));
}

TEST(Rotation, a_key_that_signs_goes_on_when_its_record_is_not_seen_for_once) {
  looked(two[0], false, kStart + kHour);
  CHECK(!move_on(two, kStart + kHour));
  CHECK(is(two[0], State::signing));
}

TEST(Rotation, the_predecessor_retires_when_its_successor_signs_and_not_before) {
  looked(two[1], true, kStart);
  move_on(two, kStart);
  CHECK(is(two[0], State::signing) && is(two[1], State::published));
  looked(two[1], true, kStart + kHour);
  move_on(two, kStart + kHour);
  CHECK(is(two[0], State::retiring) && is(two[1], State::signing));
}

TEST(Rotation, a_retired_key_is_removed_after_mail_had_a_week_to_arrive) {
  two[0].state = State::retiring;
  two[1].state = State::signing;
  CHECK(!move_on(two, kStart + 24 * 7 * kHour - 1));
  CHECK(move_on(two, kStart + 24 * 7 * kHour));
  CHECK(is(two[0], State::removed));
}

TEST(Rotation, one_key_of_a_family_signs_whatever_happens) {
  for (std::uint64_t hour = 0; hour < 24 * 30; ++hour) {
    looked(two[1], true, kStart + hour * kHour);
    move_on(two, kStart + hour * kHour);
    LONGS_EQUAL(1, (is(two[0], State::signing) ? 1 : 0) + (is(two[1], State::signing) ? 1 : 0));
  }
  CHECK(is(two[0], State::removed) && is(two[1], State::signing));
}

TEST(Rotation, by_hand_nothing_comes_back_from_removed) {
  CHECK(!forbidden(State::removed, State::signing).empty());
  CHECK(!forbidden(State::signing, State::fresh).empty());
  CHECK(forbidden(State::retiring, State::signing).empty());
  CHECK(forbidden(State::fresh, State::signing).empty());
}
