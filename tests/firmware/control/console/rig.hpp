// A console with the real store of settings behind a door in memory, and a screen to read. For tests.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "firmware/control/console/session.hpp"
#include "firmware/control/store/door.hpp"
#include "firmware/control/store/memory_archive.hpp"
#include "tests/firmware/control/console/screen.hpp"

namespace postern::control::console {

struct Rig {
  explicit Rig(Station station = {}, std::size_t rows = 24) : session(std::move(station)), screen(80, rows) {
    store.open(now());
    session.sized(80, rows);
  }

  Now now() const {
    return {instant, WallTime{std::chrono::seconds(1'790'000'000)} + instant.time_since_epoch()};
  }
  void pass(Duration time) {
    instant += time;
    store.turn(now());
    session.tick(instant, true);
    pump();
  }
  void begin() {
    session.begin(instant);
    pump();
  }
  void type(std::string_view bytes) {
    session.bytes(bytes, instant);
    pump();
  }
  void enter(const std::string& line) { type(line + "\r"); }
  // To the command line, as the owner.
  void log_in() {
    begin();
    enter("");
    enter("0");
    sent.clear();
  }

  void pump() {
    for (auto requests = session.take_requests(); !requests.empty(); requests = session.take_requests()) {
      for (const auto& request : requests) carry(request);
    }
    const auto bytes = session.take_screen();
    sent += bytes;
    screen.put(bytes);
  }
  void carry(const Request& request) {
    using enum Request::Kind;
    if (request.kind == leave) left = true;
    if (request.kind == stop) stopped.push_back(request.ticket);
    if (request.kind == program) {
      words = request.body["words"];
      session.output(request.ticket, output);
      if (program_ends) session.answer(request.ticket, {{"status", 0}});
      running = request.ticket;
    }
    if (request.kind == box)
      session.answer(request.ticket,
                     request.body["do"] == "code"
                         ? Json{{"code", "ABCD-2345"}}
                         : Json{{"addresses", {{{"name", "mgmt"}, {"address", "192.0.2.7"}}}}});
    if (request.kind == account) session.answer(request.ticket, who(request.body));
    if (request.kind == door) session.answer(request.ticket, ask(request.body));
  }
  Json ask(const Json& question) {
    asked.push_back(question);
    if (silent) return {{"error", "postern-control is not running"}};
    const auto command = question["command"].get<std::string>();
    if (command == "status") return status;
    if (command == "outcomes") return outcomes;
    if (command == "keys.show") return {{"entry", {{"fingerprint", std::string(64, 'a')}}}};
    const auto answer = verbs.answer(nlohmann::json::parse(question.dump()),
                                     actor_of(nlohmann::json::parse(question.dump()), 0, true), now());
    return answer ? Json::parse(answer->dump()) : Json{{"error", "unknown command"}};
  }
  Json who(const Json& question) {
    const auto what = question["do"].get<std::string>();
    if (what == "state") return {{"passwords", !passwords.empty()}};
    if (what == "setup") return code.empty() ? Json::object() : Json{{"code", code}, {"claimed", false}};
    if (what == "claim") return {{"ok", !code.empty() && question["code"] == code}};
    if (what == "login") return {{"ok", passwords[question["name"]] == question["password"]}, {"role", role}};
    if (what == "set_password") passwords[question["name"]] = question["password"];
    return Json::object();
  }

  Instant instant{std::chrono::hours(1)};
  MemoryArchive archive;
  Store store{archive, [](const ipc::SettingValues&) { return std::vector<ipc::SettingFault>{}; }};
  SettingsDoor verbs{store, [] {}, [] { return Applied{}; }};
  Session session;
  Screen screen;
  std::string sent;
  Json status{{"version", "9.9"},
              {"host_name", "mail.example.net"},
              {"slot", "a"},
              {"dataplane", {{"state", "attached"}}},
              {"warnings", Json::array()}};
  Json outcomes{{"last", 0}, {"outcomes", Json::array()}};
  std::map<std::string, std::string> passwords;
  std::string role = "owner";
  std::string code;
  std::vector<Json> asked;
  std::vector<std::string> words;
  std::vector<std::uint64_t> stopped;
  std::string output;
  std::uint64_t running = 0;
  bool program_ends = true;
  bool silent = false;
  bool left = false;
};

// Somebody at the box itself, who needs no password on the first day.
inline Station at_the_box() {
  return {.physical = true, .line = "ttyS0", .baud = 115200, .known_as = {}};
}

}  // namespace postern::control::console
