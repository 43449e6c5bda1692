// The partition table: what is believed, and what is not.
#include "firmware/init/gpt.hpp"

#include <CppUTest/TestHarness.h>

#include <array>
#include <string_view>

using namespace postern;

namespace {

constexpr std::size_t kSector = 512;
using Sectors = std::vector<std::uint8_t>;

void put32(Sectors& to, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// The CRC of UEFI 2.10 §4.2.1, by its definition, bit by bit.
std::uint32_t crc(const std::uint8_t* from, std::size_t size) {
  std::uint32_t sum = ~0U;
  for (std::size_t i = 0; i < size * 8; ++i) {
    const std::uint32_t bit = (from[i / 8] >> (i % 8)) & 1U;
    sum = ((sum ^ bit) & 1U) != 0 ? (sum >> 1) ^ 0xedb88320U : sum >> 1;
  }
  return ~sum;
}

void seal(Sectors& disk) {
  put32(disk, kSector + 88, crc(disk.data() + 2 * kSector, 128 * 128));
  put32(disk, kSector + 16, 0);
  put32(disk, kSector + 16, crc(disk.data() + kSector, 92));
}

void enter(Sectors& disk, std::size_t number, std::string_view name, std::uint8_t mark) {
  const auto at = 2 * kSector + (number - 1) * 128;
  for (std::size_t i = 0; i < 32; ++i) disk[at + i] = static_cast<std::uint8_t>(mark + i);
  for (std::size_t i = 0; i < name.size(); ++i) disk[at + 56 + 2 * i] = static_cast<std::uint8_t>(name[i]);
}

Sectors disk_with_two() {
  Sectors disk(34 * kSector);
  constexpr std::string_view kSignature = "EFI PART";
  std::copy(kSignature.begin(), kSignature.end(), disk.begin() + kSector);
  put32(disk, kSector + 12, 92);
  put32(disk, kSector + 80, 128);
  put32(disk, kSector + 84, 128);
  enter(disk, 1, "esp", 0x10);
  enter(disk, 3, "root-b", 0x40);
  seal(disk);
  return disk;
}

}  // namespace

TEST_GROUP(Gpt){};

TEST(Gpt, partitions_are_found_by_name_with_their_numbers) {
  const auto found = init::read_gpt(disk_with_two());
  CHECK(found.has_value());
  LONGS_EQUAL(2, found->size());
  STRCMP_EQUAL("esp", (*found)[0].name.c_str());
  STRCMP_EQUAL("root-b", (*found)[1].name.c_str());
  LONGS_EQUAL(3, (*found)[1].number);
}

TEST(Gpt, a_uuid_is_written_with_its_first_groups_turned) {
  const auto found = init::read_gpt(disk_with_two());
  STRCMP_EQUAL("23222120-2524-2726-2829-2A2B2C2D2E2F", (*found)[0].uuid.c_str());
}

TEST(Gpt, a_table_with_any_byte_changed_is_not_believed) {
  for (const std::size_t at :
       {kSector, kSector + 13, kSector + 40, kSector + 81, 2 * kSector + 60, 2 * kSector + 128 * 100}) {
    auto disk = disk_with_two();
    disk[at] ^= 1;
    CHECK_FALSE(init::read_gpt(disk).has_value());
  }
}

TEST(Gpt, sizes_that_lead_out_of_the_table_are_refused_even_with_right_sums) {
  for (const auto& [at, value] : {std::pair{80U, 0U},
                                  {80U, 129U},
                                  {80U, 0xffffffffU},
                                  {84U, 64U},
                                  {84U, 4096U},
                                  {12U, 8U},
                                  {12U, 4096U}}) {
    auto disk = disk_with_two();
    put32(disk, kSector + at, value);
    seal(disk);
    CHECK_FALSE(init::read_gpt(disk).has_value());
  }
}

TEST(Gpt, a_table_on_a_larger_disk_grows_its_last_partition_and_its_copy_fits) {
  auto disk = disk_with_two();
  put32(disk, kSector + 32, 99'999);  // where the copy was
  put32(disk, 2 * kSector + 32, 2048), put32(disk, 2 * kSector + 40, 4095);
  put32(disk, 2 * kSector + 256 + 32, 4096), put32(disk, 2 * kSector + 256 + 40, 99'000);
  seal(disk);
  CHECK_FALSE(init::grow_last(disk, 100'000)->has_value());
  const auto grown = init::grow_last(disk, 300'000);
  CHECK(grown.has_value() && grown->has_value());
  const auto& made = **grown;
  STRCMP_EQUAL("root-b", made.name.c_str());
  LONGS_EQUAL(3, made.number);
  LONGS_EQUAL(4096, made.start);
  LONGS_EQUAL(0, (made.start + made.sectors) % 2048);
  CHECK(made.start + made.sectors <= made.back_sector && made.start + made.sectors + 2048 > made.back_sector);
  LONGS_EQUAL(300'000 - 33, made.back_sector);
  LONGS_EQUAL(2, init::read_gpt(made.front)->size());
  CHECK_FALSE(init::grow_last(made.front, 300'000)->has_value());
  // The copy is one, read from its end.
  Sectors turned(34 * kSector);
  std::copy(made.back.end() - kSector, made.back.end(), turned.begin() + kSector);
  std::copy(made.back.begin(), made.back.end() - kSector, turned.begin() + 2 * kSector);
  LONGS_EQUAL(2, init::read_gpt(turned)->size());
}

TEST(Gpt, a_damaged_table_is_not_grown) {
  auto disk = disk_with_two();
  disk[2 * kSector + 60] ^= 1;
  CHECK_FALSE(init::grow_last(disk, 300'000).has_value());
}

TEST(Gpt, a_disk_that_ends_too_soon_is_refused) {
  auto disk = disk_with_two();
  disk.resize(33 * kSector);
  CHECK_FALSE(init::read_gpt(disk).has_value());
}
