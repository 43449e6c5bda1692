// Words of the command line, and files that are there whole or not at all.
#include "firmware/init/system.hpp"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace postern;

TEST_GROUP(System) {
  std::string directory;
  void setup() override {
    char name[] = "/tmp/init-test-XXXXXX";
    directory = ::mkdtemp(name);
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
  }
};

TEST(System, a_word_of_the_command_line_is_found_by_its_whole_name) {
  const std::string line = "a.rootx=1 a.root=hash quiet b=\n";
  STRCMP_EQUAL("hash", init::kernel_word(line, "a.root").c_str());
  STRCMP_EQUAL("1", init::kernel_word(line, "a.rootx").c_str());
  STRCMP_EQUAL("", init::kernel_word(line, "quiet").c_str());
  STRCMP_EQUAL("", init::kernel_word(line, "b").c_str());
}

TEST(System, a_file_is_replaced_whole) {
  const auto path = directory + "/file";
  CHECK(init::replace_file(path, "first").has_value());
  CHECK(init::replace_file(path, "2").has_value());
  STRCMP_EQUAL("2", init::read_file(path)->c_str());
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(System, what_cannot_be_replaced_stays) {
  CHECK_FALSE(init::replace_file(directory + "/none/file", "text").has_value());
}

TEST(System, a_file_is_read_up_to_its_limit) {
  CHECK(init::write_file(directory + "/file", "0123456789").has_value());
  STRCMP_EQUAL("0123", init::read_file(directory + "/file", 4)->c_str());
}

TEST(System, a_program_is_run_to_its_end_and_its_status_is_told) {
  LONGS_EQUAL(0, *init::run({"/bin/true"}));
  LONGS_EQUAL(1, *init::run({"/bin/false"}));
  LONGS_EQUAL(127, *init::run({"/nonexistent"}));
}
