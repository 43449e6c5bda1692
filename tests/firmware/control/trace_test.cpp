// The time line of one message, out of log files.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "firmware/control/cli/trace.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control::cli;

namespace {

constexpr std::uint64_t kId = 0x0100655f00000001;

Json event(const char* time, const char* result, const char* id = "0100655f00000001") {
  return {{"time", time},
          {"result", result},
          {"id", id},
          {"from", "ann@example.org"},
          {"to", "bob@far.example"},
          {"recipients", 1},
          {"bytes", 1200},
          {"tls", "TLSv1.3"},
          {"peer", "192.0.2.21"},
          {"code", 250},
          {"reply", "2.0.0 ok"}};
}

Json session(const char* time) {
  auto json = event(time, "session");
  json["code"] = 0;
  json["host"] = "mx1.far.example";
  json["domain"] = "far.example";
  json["why"] = "dane: TLSA records";
  json["session"] = {{"connected", true},
                     {"secured", false},
                     {"dane", {{"policy", "tlsa"}, {"result", "validation-failure"}, {"code", "no match"}}},
                     {"information", "wrong certificate"}};
  return json;
}

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_GROUP(Trace) {
  std::string path = "/tmp/postern-trace-XXXXXX";
  std::string log;

  void setup() override {
    CHECK(::mkdtemp(path.data()) != nullptr);
    log = path + "/messages";
  }
  void teardown() override {
    std::filesystem::remove_all(path);
  }
  static void write(const std::string& file, const std::vector<Json>& events) {
    std::ofstream out(file);
    for (const auto& one : events) out << one.dump() << "\n";
  }
};

TEST(Trace, finds_one_message_in_all_files_oldest_first) {
  write(log, {event("2026-01-31T12:05:00.000Z", "delivered"),
              event("2026-01-31T12:05:00.000Z", "delivered", "0100655f00000002")});
  write(log + ".1", {event("2026-01-31T12:01:00.000Z", "deferred")});
  write(log + ".2", {event("2026-01-31T12:00:00.000Z", "accepted")});
  const auto events = read_trace(log, kId);
  CHECK(events.has_value());
  LONGS_EQUAL(3, events->size());
  CHECK((*events)[0]["result"] == "accepted");
  CHECK((*events)[2]["result"] == "delivered");
}

TEST(Trace, a_file_set_aside_while_being_read_says_nothing_twice) {
  write(log, {event("2026-01-31T12:00:00.000Z", "accepted")});
  write(log + ".1", {event("2026-01-31T12:00:00.000Z", "accepted")});
  LONGS_EQUAL(1, read_trace(log, kId)->size());
}

TEST(Trace, half_lines_and_ids_in_other_places_are_passed_over) {
  write(log, {event("2026-01-31T12:00:00.000Z", "accepted")});
  auto other = event("2026-01-31T12:00:01.000Z", "delivered", "0100655f00000002");
  other["reply"] = "0100655f00000001";
  std::ofstream(log, std::ios::app) << other.dump() << "\n{\"id\": \"0100655f00000001\", \"ti";
  LONGS_EQUAL(1, read_trace(log, kId)->size());
}

TEST(Trace, a_log_that_is_not_there_is_a_fault) {
  CHECK(!read_trace(log, kId).has_value());
}

TEST(Trace, the_text_tells_times_hosts_policies_and_replies) {
  write(log, {event("2026-01-31T12:00:00.000Z", "accepted"), session("2026-01-31T12:00:00.250Z"),
              event("2026-02-01T13:00:00.000Z", "bounced")});
  const auto text = trace_text(*read_trace(log, kId), 0, false);
  CHECK(has(text, "0100655f00000001  from ann@example.org to bob@far.example, 1.2 "));
  CHECK(has(text, "0.250 s"));
  CHECK(has(text, "mx1.far.example [192.0.2.21]"));
  CHECK(has(text, "connected, not under TLS; tlsa: validation-failure (no match); wrong certificate"));
  CHECK(has(text, "(insisted on: dane: TLSA records)"));
  CHECK(has(text, "25 h 0 min") || has(text, "1 d"));
}

TEST(Trace, no_text_of_a_reply_can_steer_the_terminal) {
  auto bad = event("2026-01-31T12:00:00.000Z", "bounced");
  bad["reply"] = "x\x1b[31m";
  bad["from"] = "a\x1b[0m@b";
  write(log, {bad});
  CHECK(!has(trace_text(*read_trace(log, kId), 0, false), "\x1b"));
}
