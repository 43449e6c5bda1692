// What is believed of a verity superblock, and the line the kernel gets.
#include "firmware/init/verity.hpp"

#include <CppUTest/TestHarness.h>

#include <vector>

using namespace postern;

namespace {

std::vector<std::uint8_t> superblock() {
  std::vector<std::uint8_t> raw(512);
  const auto put = [&](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), raw.begin() + static_cast<long>(at));
  };
  put(0, "verity");
  raw[8] = 1;
  raw[12] = 1;
  put(32, "sha256");
  raw[65] = 0x10;  // 4096
  raw[69] = 0x10;
  raw[72] = 0x34;
  raw[73] = 0x12;
  raw[80] = 2;
  raw[88] = 0xab;
  raw[89] = 0x01;
  return raw;
}

}  // namespace

TEST_GROUP(Verity){};

TEST(Verity, the_line_names_device_sizes_hash_and_salt_and_asks_for_a_panic) {
  const auto read = init::read_verity_superblock(superblock());
  CHECK(read.has_value());
  STRCMP_EQUAL("1 /dev/x /dev/x 4096 4096 4660 4661 sha256 00ff ab01 1 panic_on_corruption",
               init::verity_table(*read, "/dev/x", 4660ULL * 4096, "00ff").c_str());
}

TEST(Verity, anything_odd_is_refused) {
  for (const std::size_t at : {0U, 7U, 8U, 12U, 32U, 65U, 68U, 79U, 81U}) {
    auto raw = superblock();
    raw[at] ^= 0x40;
    CHECK_FALSE(init::read_verity_superblock(raw).has_value());
  }
  const auto whole = superblock();
  CHECK_FALSE(init::read_verity_superblock(Bytes(whole).first(100)).has_value());
}
