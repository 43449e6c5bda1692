// The DHCP client: a server's words in, questions and a lease out.
#include "firmware/init/dhcp.hpp"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <chrono>

using namespace postern;
using std::chrono::seconds;

namespace {

constexpr init::HardwareAddress kOwn{0x52, 0x54, 0, 1, 2, 3};
constexpr std::uint32_t kTransaction = 0x01020304;
const init::Dhcp::Clock::time_point kStart{seconds(1000)};
using Message = std::vector<std::uint8_t>;

Message answer(std::uint8_t kind, std::uint8_t last = 15) {
  Message made(240);
  made[0] = 2;
  made[4] = 1, made[5] = 2, made[6] = 3, made[7] = 4;
  made[16] = 10, made[18] = 2, made[19] = last;
  std::copy(kOwn.begin(), kOwn.end(), made.begin() + 28);
  made[236] = 0x63, made[237] = 0x82, made[238] = 0x53, made[239] = 0x63;
  for (const auto byte : {53, 1, static_cast<int>(kind), 1, 4, 255, 255, 255, 0, 0, 3, 4, 10, 0, 2, 2, 54, 4, 10, 0, 2, 2, 51, 4,
                          0, 0, 1, 44, 255})
    made.push_back(static_cast<std::uint8_t>(byte));
  return made;
}

std::uint8_t kind_of(const Message& message) {
  return message[242];
}

}  // namespace

TEST_GROUP(Dhcp) {
  init::Dhcp client{kOwn, kTransaction};
  void bind() {
    client.turn(kStart);
    client.take(answer(2), kStart);
    client.turn(kStart);
    client.take(answer(5), kStart);
  }
};

TEST(Dhcp, an_offer_is_requested_and_what_is_acknowledged_is_the_lease) {
  LONGS_EQUAL(1, kind_of(*client.turn(kStart)));
  client.take(answer(2), kStart);
  const auto request = client.turn(kStart);
  LONGS_EQUAL(3, kind_of(*request));
  const Message wanted{50, 4, 10, 0, 2, 15, 54, 4, 10, 0, 2, 2};
  CHECK(std::search(request->begin(), request->end(), wanted.begin(), wanted.end()) != request->end());
  CHECK_FALSE(client.lease().has_value());
  client.take(answer(5), kStart);
  CHECK(client.lease() == (init::Lease{0x0a00020f, 0xffffff00, 0x0a000202, 0x0a000202, seconds(300)}));
  CHECK_FALSE(client.turn(kStart + seconds(149)).has_value());
}

TEST(Dhcp, silence_is_asked_again_with_growing_patience) {
  int asked = 0;
  for (int second = 0; second < 130; ++second) asked += client.turn(kStart + seconds(second)) ? 1 : 0;
  LONGS_EQUAL(6, asked);  // at 0, 4, 12, 28, 60, 124
}

TEST(Dhcp, a_lease_is_renewed_at_half_its_time_and_ends_when_nobody_answers) {
  bind();
  const auto request = client.turn(kStart + seconds(150));
  LONGS_EQUAL(3, kind_of(*request));
  LONGS_EQUAL(15, (*request)[15]);  // ciaddr
  client.take(answer(5), kStart + seconds(151));
  client.turn(kStart + seconds(302));
  CHECK(client.lease().has_value());
  LONGS_EQUAL(1, kind_of(*client.turn(kStart + seconds(452))));
  CHECK_FALSE(client.lease().has_value());
}

TEST(Dhcp, a_refusal_begins_anew) {
  bind();
  client.turn(kStart + seconds(150));
  client.take(answer(6), kStart + seconds(150));
  CHECK_FALSE(client.lease().has_value());
  LONGS_EQUAL(1, kind_of(*client.turn(kStart + seconds(150))));
}

TEST(Dhcp, others_answers_and_broken_ones_count_for_nothing) {
  auto other = answer(2);
  other[7] = 9;
  CHECK_FALSE(init::read_dhcp(other, kTransaction, kOwn).has_value());
  auto stranger = answer(2);
  stranger[28] ^= 1;
  CHECK_FALSE(init::read_dhcp(stranger, kTransaction, kOwn).has_value());
  const auto whole = answer(2);
  for (std::size_t size = 0; size < whole.size() - 8; ++size)
    CHECK_FALSE(init::read_dhcp(Bytes(whole).first(size), kTransaction, kOwn).has_value());
  auto holes = answer(2);
  holes[246] = 0x0f;  // a mask with holes
  CHECK_FALSE(init::read_dhcp(holes, kTransaction, kOwn).has_value());
}
