// Lines, levels and rings.
#include "platform/log/log.hpp"

#include <string>
#include <thread>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

std::vector<std::string> lines;
void collect(std::string_view line, void*) {
  lines.emplace_back(line);
}

// The line without its date, which is checked on its own.
std::string tail(const std::string& line) {
  return line.substr(line.find(' ') + 1);
}

}  // namespace

TEST_GROUP(Log){void setup() override{lines.clear();
log::set_output(&collect, nullptr);
log::set_level(log::Level::info);
}
void teardown() override {
  log::set_output(nullptr, nullptr);
}
}
;

TEST(Log, a_line_has_date_level_area_and_text) {
  log::write(log::Level::warning, "nic", "port wan: link down");
  CHECK_EQUAL(1, lines.size());
  STRCMP_EQUAL("warning nic: port wan: link down\n", tail(lines[0]).c_str());
  // 2026-01-31T12:00:00.123Z
  const auto date = lines[0].substr(0, lines[0].find(' '));
  CHECK_EQUAL(24, date.size());
  CHECK_EQUAL('T', date[10]);
  CHECK_EQUAL('Z', date[23]);
}

TEST(Log, less_important_lines_are_not_made) {
  log::write(log::Level::debug, "nic", "detail");
  CHECK_EQUAL(0, lines.size());
  log::set_level(log::Level::debug);
  log::write(log::Level::debug, "nic", "detail");
  CHECK_EQUAL(1, lines.size());
}

TEST(Log, an_event_stays_one_line_whatever_its_text) {
  log::write(log::Level::info, "smtp", "HELO a\r\nwarning nic: forged\x1b[2J");
  CHECK_EQUAL(1, lines.size());
  STRCMP_EQUAL("info smtp: HELO a  warning nic: forged [2J\n", tail(lines[0]).c_str());
}

TEST(Log, a_long_text_is_cut) {
  log::write(log::Level::info, "smtp", std::string(5000, 'x'));
  CHECK_EQUAL(log::kLongestText, std::string(lines[0]).size() - lines[0].find("x") - 1);
}

TEST(Log, formats_like_printf) {
  log::writef(log::Level::error, "eal", "core %d of %s", 3, "lab");
  STRCMP_EQUAL("error eal: core 3 of lab\n", tail(lines[0]).c_str());
}

TEST(Log, lines_of_a_packet_core_wait_for_the_drain) {
  log::Ring ring;
  std::thread core([&ring] {
    log::attach(&ring);
    log::write(log::Level::info, "core", "one");
    log::write(log::Level::info, "core", "two");
    log::attach(nullptr);
  });
  core.join();
  CHECK_EQUAL(0, lines.size());
  CHECK_EQUAL(2, log::drain());
  STRCMP_EQUAL("info core: one\n", tail(lines[0]).c_str());
  STRCMP_EQUAL("info core: two\n", tail(lines[1]).c_str());
}

TEST(Log, a_full_ring_drops_lines_and_says_how_many) {
  log::Ring ring;
  std::thread core([&ring] {
    log::attach(&ring);
    for (int i = 0; i < 300; ++i) log::write(log::Level::info, "core", "x");
    log::attach(nullptr);
  });
  core.join();
  CHECK_EQUAL(256, log::drain());
  STRCMP_EQUAL("warning log: 44 lines were dropped: the ring was full\n", tail(lines.back()).c_str());
}

TEST(Log, a_ring_that_has_ended_is_not_drained) {
  {
    log::Ring ring;
    log::attach(&ring);
    log::attach(nullptr);
  }
  CHECK_EQUAL(0, log::drain());
}
