// Generations as text and as files, and the sealed file that is carried away.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "firmware/control/store/disk_archive.hpp"
#include "firmware/control/store/portable.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control;

namespace {

Generation sample() {
  Generation generation;
  generation.number = 7;
  generation.parent = 6;
  generation.schema = 1;
  generation.wall_ns = 1'700'000'000'000'000'000;
  generation.author = "anna \"a\" M\u00fcller";
  generation.source = "web";
  generation.comment = "first\nsecond";
  generation.changed = {"domains.served"};
  generation.confirm_until_ns = 5;
  generation.confirmed = false;
  generation.values = {{"domains.served", "a.example\nb.example"}, {"host_name", "gw.example"}};
  return generation;
}

constexpr SealCost kCheap{1, 8};

}  // namespace

TEST_GROUP(GenerationText){};

TEST(GenerationText, what_is_written_is_read) {
  const auto read = read_generation(write_generation(sample()));
  CHECK(read.has_value());
  CHECK(read->values == sample().values);
  STRCMP_EQUAL(sample().author.c_str(), read->author.c_str());
  STRCMP_EQUAL(sample().comment.c_str(), read->comment.c_str());
  CHECK(read->waits());
  LONGS_EQUAL(6, read->parent);
}

TEST(GenerationText, every_cut_and_every_flipped_bit_is_refused) {
  const auto whole = write_generation(sample());
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(!read_generation(std::string_view(whole).substr(0, length)).has_value());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto flipped = whole;
    flipped[i] ^= 0x10;
    CHECK(!read_generation(flipped).has_value());
  }
}

TEST_GROUP(DiskArchive) {
  std::string directory = "/tmp/postern-store-test-" + std::to_string(::getpid());
  void setup() override {
    std::filesystem::remove_all(directory);
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
  }
};

TEST(DiskArchive, generations_are_listed_in_order_and_read_back) {
  auto archive = DiskArchive::create(directory);
  CHECK(archive.has_value());
  for (const std::uint64_t number : {12ull, 3ull, 100ull}) {
    auto one = sample();
    one.number = number;
    CHECK(archive->write(number, one).has_value());
  }
  CHECK((archive->numbers() == std::vector<std::uint64_t>{3, 12, 100}));
  LONGS_EQUAL(12, archive->read(12)->number);
  CHECK(!archive->read(13).has_value());
  archive->remove(12);
  CHECK((archive->numbers() == std::vector<std::uint64_t>{3, 100}));
}

TEST(DiskArchive, only_their_owner_reads_them) {
  auto archive = DiskArchive::create(directory);
  CHECK(archive->write(1, sample()).has_value());
  const auto all = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  CHECK((std::filesystem::status(directory).permissions() & all) == std::filesystem::perms::none);
  CHECK((std::filesystem::status(archive->path(1)).permissions() & all) == std::filesystem::perms::none);
}

TEST(DiskArchive, what_is_set_aside_is_kept_but_not_listed) {
  auto archive = DiskArchive::create(directory);
  CHECK(archive->write(1, sample()).has_value());
  std::filesystem::resize_file(archive->path(1), 100);
  CHECK(!archive->read(1).has_value());
  archive->set_aside(1);
  CHECK(archive->numbers().empty());
  CHECK(std::filesystem::exists(directory + "/damaged-1"));
}

TEST(DiskArchive, half_a_file_from_a_crash_is_no_generation) {
  auto archive = DiskArchive::create(directory);
  std::ofstream(directory + "/.new") << "postern-generation 1 ";
  std::ofstream(directory + "/generation-x") << "nonsense";
  CHECK(archive->numbers().empty());
  CHECK(archive->write(1, sample()).has_value());
  CHECK(archive->read(1).has_value());
}

TEST(DiskArchive, a_link_is_not_followed) {
  auto archive = DiskArchive::create(directory);
  std::filesystem::create_symlink("/etc/passwd", archive->path(5));
  CHECK(!archive->read(5).has_value());
}

TEST_GROUP(Portable){};

TEST(Portable, settings_come_back_with_the_passphrase_and_only_with_it) {
  Portable portable;
  portable.schema = 1;
  portable.host_name = "gw.example";
  portable.values = {{"host_name", "gw.example"}};
  const auto file = seal(portable, "correct horse", kCheap);
  CHECK(file.has_value());
  CHECK(file->find("gw.example") == std::string::npos);
  const auto back = unseal(*file, "correct horse");
  CHECK(back.has_value());
  CHECK(back->values == portable.values);
  CHECK(!unseal(*file, "correct hors").has_value());
  CHECK(!seal(portable, "short", kCheap).has_value());
}

TEST(Portable, a_large_one_goes_in_several_pieces) {
  Portable portable;
  for (int i = 0; i < 10000; ++i) portable.values["name" + std::to_string(i)] = std::string(30, 'x');
  const auto file = seal(portable, "correct horse", kCheap);
  CHECK(file->size() > 400'000);
  CHECK(unseal(*file, "correct horse")->values == portable.values);
  // A piece cut off at its end is missed: the last one says that it is.
  CHECK(!unseal(file->substr(0, 56 + 64 * 1024 + 17), "correct horse").has_value());
}

TEST(Portable, damage_and_greed_are_refused) {
  Portable portable;
  portable.values = {{"host_name", "gw.example"}};
  const auto file = *seal(portable, "correct horse", kCheap);
  for (std::size_t length = 0; length < file.size(); length += 7)
    CHECK(!unseal(std::string_view(file).substr(0, length), "correct horse").has_value());
  CHECK(!unseal(file + "x", "correct horse").has_value());
  for (std::size_t i = 16; i < file.size(); i += 5) {
    auto flipped = file;
    flipped[i] ^= 1;
    CHECK(!unseal(flipped, "correct horse").has_value());
  }
  auto greedy = file;
  greedy[8] = 0x7f;
  STRCMP_CONTAINS("more work", unseal(greedy, "correct horse").error().reason.c_str());
}
