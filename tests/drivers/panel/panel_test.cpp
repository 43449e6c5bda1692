// Lights in a tree like /sys, and the display against the controller's twin.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "drivers/panel/hd44780.hpp"
#include "drivers/panel/lights.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::panel;

TEST_GROUP(Panel) {
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "panel-test-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  void teardown() override {
    std::filesystem::remove_all(folder);
  }
  std::string text(const std::string& file) const {
    std::ifstream stream(folder / file);
    std::string line;
    std::getline(stream, line);
    return line;
  }
  std::filesystem::path folder;
};

TEST(Panel, a_light_is_switched_and_blinks_by_the_kernel) {
  std::filesystem::create_directories(folder / "x:green:1");
  SysLights lights({{.name = "status", .device = "x:green:1"}}, folder);
  CHECK_TRUE(lights.set("status", Light::on).has_value());
  STRCMP_EQUAL("none", text("x:green:1/trigger").c_str());
  STRCMP_EQUAL("1", text("x:green:1/brightness").c_str());
  CHECK_TRUE(lights.set("status", Light::fast).has_value());
  STRCMP_EQUAL("timer", text("x:green:1/trigger").c_str());
  STRCMP_EQUAL("125", text("x:green:1/delay_on").c_str());
  CHECK_TRUE(lights.set("status", Light::off).has_value());
  STRCMP_EQUAL("0", text("x:green:1/brightness").c_str());
}

TEST(Panel, a_light_is_written_only_when_it_changes) {
  std::filesystem::create_directories(folder / "x");
  SysLights lights({{.name = "mail", .device = "x"}}, folder);
  CHECK_TRUE(lights.set("mail", Light::on).has_value());
  std::filesystem::remove_all(folder / "x");
  CHECK_TRUE(lights.set("mail", Light::on).has_value());
  CHECK_FALSE(lights.set("mail", Light::off).has_value());
}

TEST(Panel, a_light_that_the_board_has_not_is_no_fault) {
  SysLights lights({}, folder);
  CHECK_TRUE(lights.set("fault", Light::on).has_value());
}

TEST(Panel, the_display_shows_its_rows_cut_and_filled) {
  Hd44780Screen screen({16, 2});
  Hd44780Twin twin({16, 2});
  twin.receive(screen.start());
  twin.receive(screen.show({"mail OK", "queue 12 and much more"}));
  STRCMP_EQUAL("mail OK         ", twin.row(0).c_str());
  STRCMP_EQUAL("queue 12 and muc", twin.row(1).c_str());
  twin.receive(screen.show({"gr\xC3\xBC\xC3\x9F", ""}));
  STRCMP_EQUAL("gr??            ", twin.row(0).c_str());
  STRCMP_EQUAL("                ", twin.row(1).c_str());
}

TEST(Panel, four_rows_lie_where_the_controller_has_them) {
  Hd44780Screen screen({20, 4});
  Hd44780Twin twin({20, 4});
  twin.receive(screen.start());
  twin.receive(screen.show({"one", "two", "three", "four"}));
  STRCMP_EQUAL("one                 ", twin.row(0).c_str());
  STRCMP_EQUAL("two                 ", twin.row(1).c_str());
  STRCMP_EQUAL("three               ", twin.row(2).c_str());
  STRCMP_EQUAL("four                ", twin.row(3).c_str());
}

TEST(Panel, only_rows_that_changed_are_sent) {
  Hd44780Screen screen({16, 2});
  static_cast<void>(screen.start());
  static_cast<void>(screen.show({"same", "one"}));
  CHECK_EQUAL(2 + 16, screen.show({"same", "two"}).size());
  CHECK_EQUAL(0, screen.show({"same", "two"}).size());
}

TEST(Panel, no_text_can_become_a_command) {
  Hd44780Screen screen({16, 2});
  Hd44780Twin twin({16, 2});
  twin.receive(screen.start());
  twin.receive(screen.show({"kept", "\xFE\x01\x1B[2J"}));
  STRCMP_EQUAL("kept            ", twin.row(0).c_str());
}

// A pseudo terminal is a serial line to the driver.
TEST(Panel, a_display_on_a_line_gets_the_bytes) {
  const int line = ::posix_openpt(O_RDWR | O_NOCTTY);
  CHECK_TRUE(line >= 0 && ::grantpt(line) == 0 && ::unlockpt(line) == 0);
  {
    auto display = Hd44780::open(::ptsname(line), 19200, {16, 2});
    if (!display) FAIL(display.error().reason.c_str());
    CHECK_TRUE((*display)->show({"hello"}).has_value());
    Hd44780Twin twin({16, 2});
    std::string bytes(256, '\0');
    while (twin.received() < 6 + 18) {
      const auto got = ::read(line, bytes.data(), bytes.size());
      CHECK_TRUE(got > 0);
      twin.receive(std::string_view(bytes).substr(0, static_cast<std::size_t>(got)));
    }
    STRCMP_EQUAL("hello           ", twin.row(0).c_str());
    STRCMP_CONTAINS("no 12345 baud", Hd44780::open(::ptsname(line), 12345, {}).error().reason.c_str());
  }
  ::close(line);
}
