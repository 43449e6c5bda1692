// What the firmware is told: a load option byte by byte, and an order that only grows.
#include "firmware/init/boot_entries.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;

TEST_GROUP(BootEntries){};

TEST(BootEntries, a_load_option_names_the_partition_and_the_loader) {
  const auto option = init::load_option({1, 2048, 262144, "23222120-2524-2726-2829-2a2b2c2d2e2f"}, "P");
  const std::vector<std::uint8_t> head{1, 0, 0, 0, 94, 0, 'P', 0, 0, 0, 4, 1, 42, 0, 1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0,
                                       0, 0, 4, 0, 0, 0, 0, 0, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28};
  CHECK(option.size() == 10 + 94);
  CHECK(std::equal(head.begin(), head.end(), option.begin()));
  const std::vector<std::uint8_t> end{'I', 0, 0, 0, 0x7f, 0xff, 4, 0};
  CHECK(std::equal(end.begin() + 2, end.end(), option.end() - 6));
}

TEST(BootEntries, what_is_no_uuid_makes_no_option) {
  CHECK(init::load_option({1, 2048, 262144, "2322"}, "P").empty());
}

TEST(BootEntries, ours_come_behind_the_others_and_only_once) {
  const auto order = init::with_ours({1, 0});
  CHECK((order == std::vector<std::uint16_t>{1, 0, 0x0f01, 0x0f02, 0x0f03}));
  CHECK(init::with_ours(order) == order);
  CHECK((init::with_ours({0x0f02, 7}) == std::vector<std::uint16_t>{0x0f02, 7, 0x0f01, 0x0f03}));
}
