// Texts of the command line: numbers, tables, cutting, the figures' table against the rooms' counters.
#include <set>

#include "firmware/control/cli/figures.hpp"
#include "firmware/control/cli/status.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/cli/top.hpp"
#include "firmware/dataplane/counters.hpp"
#include "firmware/shard/counters.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control::cli;

namespace {

template <typename T>
void add_room(Json& counters, const std::string& room, std::uint64_t value) {
  for (const auto& name : T::names) {
    counters[room][std::string(name.name)] = {
        {"total", 2 * value}, {"shards", {value, value}}, {"meaning", std::string(name.meaning)}};
  }
}

Json all_counters(std::uint64_t value) {
  Json counters;
  add_room<net::Counters>(counters, "net", value);
  add_room<tcp::Counters>(counters, "tcp", value);
  add_room<tls::Counters>(counters, "tls", value);
  add_room<smtp::Counters>(counters, "smtp", value);
  add_room<spool::Counters>(counters, "spool", value);
  add_room<shard::Counters>(counters, "shard", value);
  add_room<dataplane::Counters>(counters, "dataplane", value);
  return counters;
}

Look look(double seconds, std::uint64_t value) {
  Json status{{"version", "1"},
              {"host_name", "gw.example.net"},
              {"time", "2026-01-31T12:00:00.123Z"},
              {"dataplane",
               {{"state", "attached"},
                {"phase", "running"},
                {"all_at_generation", true},
                {"published_generation", 3}}},
              {"warnings", Json::array()},
              {"counters", all_counters(value)}};
  return {seconds, status, Json::array()};
}

}  // namespace

TEST_GROUP(CliText){};

TEST(CliText, numbers_read_easily) {
  STRCMP_EQUAL("1,234,567", with_separators(1234567).c_str());
  STRCMP_EQUAL("999", with_separators(999).c_str());
  STRCMP_EQUAL("1.5 MB", short_bytes(1.5e6).c_str());
  STRCMP_EQUAL("12 B", short_bytes(12).c_str());
  STRCMP_EQUAL("0", short_number(0).c_str());
  STRCMP_EQUAL("0.4", short_number(0.4).c_str());
  STRCMP_EQUAL("12,345", short_number(12345).c_str());
  STRCMP_EQUAL("2 h 13 min", since(2 * 3600 + 13 * 60 + 5).c_str());
  STRCMP_EQUAL("[####----]", bar(0.5, 8).c_str());
  STRCMP_EQUAL("[########]", bar(7, 8).c_str());
}

TEST(CliText, what_comes_from_outside_cannot_steer_the_terminal) {
  STRCMP_EQUAL("a?[31mb", printable("a\x1b[31mb").c_str());
  STRCMP_EQUAL("a?b", printable("a\xc2\x9b"
                                "b")
                          .c_str());
  STRCMP_EQUAL("a?b", printable("a\xff"
                                "b")
                          .c_str());
  STRCMP_EQUAL("bücher", printable("bücher").c_str());
}

TEST(CliText, long_cells_are_cut_and_columns_stay_in_line) {
  Table table({{"A", Table::Align::left, 5}, {"N", Table::Align::right}, {"LAST"}});
  table.add({"abcdefgh", "7", "x"});
  table.add({"bücher", "123", "y"});
  STRCMP_EQUAL("A        N  LAST\nabcd…    7  x\nbüch…  123  y\n", table.text(0, false).c_str());
}

TEST(CliText, no_line_is_wider_than_the_terminal) {
  Table table({{"A"}, {"B"}});
  table.add({std::string(100, 'a'), std::string(100, 'b')});
  for (const std::size_t width : {20u, 80u, 150u}) {
    auto text = table.text(width, false);
    while (!text.empty()) {
      const auto end = text.find('\n');
      CHECK(columns_of(text.substr(0, end)) <= width);
      text.erase(0, end + 1);
    }
  }
}

TEST_GROUP(CliFigures){};

TEST(CliFigures, every_figure_is_made_of_counters_that_exist) {
  const auto counters = all_counters(1);
  for (const auto& one : figures())
    CHECK_TEXT(figure(counters, one.name) >= 2, std::string(one.name).c_str());
}

TEST(CliFigures, refusals_are_sorted_and_harmless_ends_are_none) {
  Json counters = all_counters(0);
  counters["smtp"]["refused_relay"]["total"] = 5;
  counters["smtp"]["refused_unknown_recipient"]["total"] = 9;
  counters["tls"]["closed_by_peer"]["total"] = 100;
  const auto list = refusals(counters);
  LONGS_EQUAL(2, list.size());
  STRCMP_EQUAL("refused_unknown_recipient", list[0].name.c_str());
  LONGS_EQUAL(14, refused_in_all(counters));
}

TEST(CliFigures, counters_of_a_data_plane_that_is_away_are_zero) {
  LONGS_EQUAL(0, figure(Json::object(), "accepted"));
  CHECK(refusals(Json::object()).empty());
}

TEST_GROUP(CliTop){};

TEST(CliTop, rates_are_per_second_and_never_negative) {
  const auto json = top_json(look(10, 100), look(12, 200));
  DOUBLES_EQUAL(100, json["per_second"]["accepted"].get<double>(), 0.01);
  const auto restarted = top_json(look(10, 100), look(12, 7));
  DOUBLES_EQUAL(0, restarted["per_second"]["accepted"].get<double>(), 0.01);
}

TEST(CliTop, the_screen_fits_the_terminal) {
  for (const std::size_t height : {5u, 24u, 60u}) {
    const auto lines = top_lines(look(10, 100), look(11, 200), 80, height, false);
    CHECK(lines.size() <= height);
    for (const auto& line : lines) CHECK_TEXT(columns_of(line) <= 80, line.c_str());
  }
}

TEST_GROUP(CliStatus){};

TEST(CliStatus, a_state_is_said_in_words) {
  STRCMP_EQUAL("running", headline({{"state", "attached"}, {"phase", "running"}}, false).c_str());
  STRCMP_EQUAL("not running, will be started in 4 s",
               headline({{"state", "away"}, {"next_start_seconds", 4}}, false).c_str());
  STRCMP_EQUAL("silent for 12 s", headline({{"state", "attached"}, {"silent_seconds", 12}}, false).c_str());
}
