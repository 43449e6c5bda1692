// A line that is edited: what the screen shows, and how few bytes that takes.
#include "firmware/control/console/line_editor.hpp"

#include <CppUTest/TestHarness.h>

#include <random>

#include "tests/firmware/control/console/screen.hpp"

using namespace postern::control::console;

TEST_GROUP(LineEditor) {
  LineEditor editor;
  Screen screen{40, 5};

  void begin(bool plain, bool hidden = false) {
    editor.set_screen(40, plain);
    editor.begin("> ", hidden);
    show();
  }
  std::string show() {
    auto bytes = editor.take();
    screen.put(bytes);
    return bytes;
  }
  std::string press(Key::Kind kind) {
    editor.key({kind});
    return show();
  }
  std::string type(std::string_view text) {
    editor.insert(text);
    return show();
  }
};

TEST(LineEditor, ACharacterAtTheEndIsOneByte) {
  begin(false);
  type("show queu");
  LONGS_EQUAL(1, type("e").size());
  LONGS_EQUAL(3, press(Key::Kind::backspace).size());
}

TEST(LineEditor, ACharacterInTheMiddleOfALongLineIsAFewBytes) {
  begin(false);
  type("set interface.wan.addresses 1");
  for (int i = 0; i < 20; ++i) press(Key::Kind::left);
  const auto sent = type("x");
  CHECK(sent.size() <= 5);
  STRCMP_EQUAL("> set interxface.wan.addresses 1", screen.current().c_str());
}

TEST(LineEditor, APlainTerminalGetsNoEscapes) {
  begin(true);
  std::string all = type("show status and more");
  for (int i = 0; i < 12; ++i) all += press(Key::Kind::left);
  all += type("xyz") + press(Key::Kind::home) + press(Key::Kind::erase) + press(Key::Kind::kill_end);
  editor.hide();
  all += show();
  CHECK(all.find('\x1b') == std::string::npos);
  STRCMP_EQUAL("", screen.current().c_str());
}

TEST(LineEditor, WhatIsHiddenIsNeverSent) {
  begin(false, true);
  LONGS_EQUAL(0, type("secret").size());
  STRCMP_EQUAL("secret", editor.text().c_str());
}

TEST(LineEditor, WhatIsMaskedIsNeverSent) {
  begin(false);
  editor.mask(4);
  auto sent = type("set hunter2");
  sent += press(Key::Kind::left) + press(Key::Kind::home) + press(Key::Kind::end);
  CHECK(sent.find("hunter") == std::string::npos);
  STRCMP_EQUAL("> set *******", screen.current().c_str());
}

TEST(LineEditor, HidingAndShowingPutsTheLineBack) {
  begin(false);
  type("show log");
  press(Key::Kind::left);
  editor.hide();
  screen.put(editor.take());
  screen.put("an announcement\r\n");
  editor.show();
  show();
  STRCMP_EQUAL("> show log", screen.current().c_str());
  LONGS_EQUAL(9, screen.column());
}

// Random editing, on both kinds of terminals: the screen shows the line, the cursor is where it should be.
TEST(LineEditor, TheScreenIsAlwaysRight) {
  for (const bool plain : {false, true}) {
    std::mt19937 random(7);
    screen = Screen{40, 5};
    editor = {};
    begin(plain);
    constexpr Key::Kind kKinds[] = {Key::Kind::left,       Key::Kind::right,     Key::Kind::home,
                                    Key::Kind::end,        Key::Kind::backspace, Key::Kind::erase,
                                    Key::Kind::kill_word,  Key::Kind::word_left, Key::Kind::left,
                                    Key::Kind::word_right, Key::Kind::kill_end};
    for (int i = 0; i < 3000; ++i) {
      if (random() % 3 != 0) {
        editor.insert(random() % 5 == 0
                          ? "\xc3\xbc"
                          : std::string(1 + random() % 3, static_cast<char>('a' + random() % 26)));
      } else if (editor.text().size() > 60) {
        editor.key({Key::Kind::kill_line});
      } else {
        editor.key({kKinds[random() % std::size(kKinds)]});
      }
      if (random() % 50 == 0) {
        editor.hide();
        show();
        editor.show();
      }
      show();
      if (editor.text().size() > 37) continue;  // shown in part
      auto line = "> " + editor.text();
      line.resize(line.find_last_not_of(' ') + 1);
      CHECK_EQUAL(line, screen.current());
      const auto front = editor.text().substr(0, editor.cursor());
      const auto points = std::count_if(
          front.begin(), front.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
      LONGS_EQUAL(2 + points, screen.column());
    }
  }
}

TEST(LineEditor, ALongLineStaysInItsRow) {
  begin(false);
  for (int i = 0; i < 100; ++i) type(std::string(1, static_cast<char>('a' + i % 26)));
  CHECK(screen.current().size() < 40);
  CHECK(screen.current().starts_with("> <"));
  press(Key::Kind::home);
  CHECK(screen.current().starts_with("> abc"));
  STRCMP_EQUAL("", screen.row(1).c_str());
}
