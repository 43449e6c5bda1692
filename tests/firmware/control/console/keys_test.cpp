// Bytes of a terminal as keys.
#include "firmware/control/console/keys.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern::control::console;

TEST_GROUP(Keys) {
  KeyReader reader;
  std::vector<Key> read(std::string_view bytes) {
    std::vector<Key> keys;
    reader.feed(bytes, keys);
    return keys;
  }
};

TEST(Keys, ASequenceCutBetweenReadsIsOneKey) {
  CHECK(read("\x1b").empty());
  CHECK(read("[").empty());
  const auto keys = read("A");
  CHECK(keys.size() == 1 && keys[0].kind == Key::Kind::up);
}

TEST(Keys, AnEscapeThatNothingFollowsIsAKey) {
  CHECK(read("\x1b").empty());
  std::vector<Key> keys;
  reader.rest(keys);
  CHECK(keys.size() == 1 && keys[0].kind == Key::Kind::escape);
}

TEST(Keys, ReturnWithLineFeedIsOneEnter) {
  LONGS_EQUAL(1, read("\r\n").size());
  LONGS_EQUAL(1, read("\n").size());
  LONGS_EQUAL(2, read("\r\r").size());
}

TEST(Keys, TheTerminalsReportTellsItsSize) {
  const auto keys = read("\x1b[50;132R");
  CHECK(keys.size() == 1 && keys[0].kind == Key::Kind::size);
  LONGS_EQUAL(50, keys[0].rows);
  LONGS_EQUAL(132, keys[0].columns);
}

TEST(Keys, AHugeReportIsNone) {
  CHECK(read("\x1b[99999999999999999999;1R").empty());
}

TEST(Keys, Utf8IsOneCharacterAndBrokenUtf8IsNothing) {
  const auto keys = read("\xc3\xbc\xff\xc3q\xed\xa0\x80");
  LONGS_EQUAL(2, keys.size());
  STRCMP_EQUAL("\xc3\xbc", keys[0].text.c_str());
  STRCMP_EQUAL("q", keys[1].text.c_str());
}

TEST(Keys, ControlCharactersOfC1AreDropped) {
  CHECK(read("\xc2\x9b"
             "5~")
            .size() == 2);  // the 5 and the ~ only
}

TEST(Keys, AnEndlessSequenceIsGivenUp) {
  std::string endless = "\x1b[";
  endless.append(100, '1');
  read(endless);
  const auto keys = read("\rx");
  CHECK(!keys.empty() && keys.back().text == "x");
}

TEST(Keys, PastedTextIsMarked) {
  const auto keys = read("\x1b[200~a\x1b[201~");
  LONGS_EQUAL(3, keys.size());
  CHECK(keys[0].kind == Key::Kind::paste_begins && keys[2].kind == Key::Kind::paste_ends);
}
