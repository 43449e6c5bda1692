// Filters behind '|', and full screens that send only what differs.
#include "firmware/control/console/pipes.hpp"

#include <CppUTest/TestHarness.h>

#include "firmware/control/console/painter.hpp"
#include "tests/firmware/control/console/screen.hpp"

using namespace postern::control::console;

namespace {

std::string through(const std::string& pipes, const std::vector<std::string>& lines) {
  const auto split = split_line("x " + pipes);
  auto read = read_pipes(std::span(split.parts).subspan(1));
  if (!read) return "fault: " + read.error().reason;
  Filter filter(*read);
  std::string all;
  for (const auto& line : lines) {
    for (const auto& out : filter.line(line)) all += out + ";";
  }
  for (const auto& out : filter.end()) all += out + ";";
  return all;
}

}  // namespace

TEST_GROUP(Pipes){};

TEST(Pipes, FilterAndCount) {
  const std::vector<std::string> lines{"Alpha", "beta", "\x1b[1mgamma\x1b[0m alpha", "delta"};
  STRCMP_EQUAL("Alpha;\x1b[1mgamma\x1b[0m alpha;", through("| match alpha", lines).c_str());
  STRCMP_EQUAL("beta;delta;", through("| except ALPHA", lines).c_str());
  STRCMP_EQUAL("count: 2;", through("| match alpha | count", lines).c_str());
  STRCMP_EQUAL("delta;", through("| last 1", lines).c_str());
  STRCMP_EQUAL("beta;\x1b[1mgamma\x1b[0m alpha;delta;", through("| begin beta", lines).c_str());
}

TEST(Pipes, WordsMayBeCutShort) {
  STRCMP_EQUAL("count: 1;", through("| m alpha | c", {"alpha", "beta"}).c_str());
}

TEST(Pipes, AnUnknownPipeIsAnsweredWithWhatThereIs) {
  CHECK(through("| sort", {}).find("match, except") != std::string::npos);
  CHECK(through("| last many", {}).find("number") != std::string::npos);
  CHECK(through("| match", {}).find("text") != std::string::npos);
}

TEST_GROUP(Painter) {
  Painter painter;
  Screen screen{40, 6};
  std::string frame(const std::vector<std::string>& lines) {
    auto bytes = painter.frame(lines, 40, 6);
    screen.put(bytes);
    return bytes;
  }
};

TEST(Painter, TheSameFrameAgainIsNothing) {
  frame({"one", "two"});
  LONGS_EQUAL(0, frame({"one", "two"}).size());
}

TEST(Painter, OnlyWhatDiffersIsSent) {
  frame({"messages     1,234  per second", "second line"});
  const auto sent = frame({"messages     1,235  per second", "second line"});
  CHECK(sent.size() <= 8);
  STRCMP_EQUAL("messages     1,235  per second", screen.row(0).c_str());
}

TEST(Painter, ShorterLinesLeaveNothingBehind) {
  frame({"a long line with many words in it", "\x1b[1mbold\x1b[0m text"});
  frame({"short", "text"});
  STRCMP_EQUAL("short", screen.row(0).c_str());
  STRCMP_EQUAL("text", screen.row(1).c_str());
}

TEST(Painter, LongLinesAndOddSequencesStayWithinTheScreen) {
  frame({std::string(200, 'x'), "\x1b[31", "\x1b", "a\x1b[2Jb"});
  LONGS_EQUAL(39, screen.row(0).size());
}
