// The command line of the box's own programs.
#include <array>
#include <vector>

#include "platform/base/program_options.hpp"

#include <CppUTest/TestHarness.h>

namespace postern {
namespace {

struct Options {
  std::string board = "default";
  bool quiet = false;
  bool help = false;
  bool version = false;
};

constexpr auto kTexts = std::to_array<TextOption<Options>>({{"--board", &Options::board}});
constexpr auto kSwitches = std::to_array<Switch<Options>>({{"--quiet", &Options::quiet}});

Result<Options, Fault> parse(std::vector<std::string> words) {
  std::string program = "program";
  std::vector<char*> arguments{program.data()};
  for (auto& word : words) arguments.push_back(word.data());
  return parse_program_options<Options>(arguments, kTexts, kSwitches);
}

}  // namespace

TEST_GROUP(ProgramOptions){};

TEST(ProgramOptions, WithoutArgumentsTheDefaultsHold) {
  const auto options = parse({});
  CHECK_TRUE(options.has_value());
  STRCMP_EQUAL("default", options->board.c_str());
  CHECK_FALSE(options->quiet || options->help || options->version);
}

TEST(ProgramOptions, TextsAndSwitchesAreSet) {
  const auto options = parse({"--quiet", "--board", "lab", "--version", "-h"});
  CHECK_TRUE(options.has_value());
  STRCMP_EQUAL("lab", options->board.c_str());
  CHECK_TRUE(options->quiet && options->help && options->version);
}

TEST(ProgramOptions, AnUnknownArgumentIsNamed) {
  const auto options = parse({"--bord", "lab"});
  CHECK_FALSE(options.has_value());
  STRCMP_EQUAL("unknown argument '--bord'; see --help", options.error().reason.c_str());
}

TEST(ProgramOptions, AMissingValueIsNamed) {
  const auto options = parse({"--board"});
  CHECK_FALSE(options.has_value());
  STRCMP_EQUAL("--board needs a value; see --help", options.error().reason.c_str());
}

}  // namespace postern
