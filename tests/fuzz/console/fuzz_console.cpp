// The whole console, driven by any bytes: keys of a person, answers of a door, output of programs, passing
// time.
//
// What must hold: it goes on, and whatever an answer or a program says, no control sequence but the console's
// own reaches the terminal.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/control/console/session.hpp"

using namespace postern;
using namespace postern::control::console;

namespace {

// Answers in the right form and in wrong ones.
Json answer_to(const Json& question, unsigned char choice) {
  const auto command = question.value("command", question.value("do", ""));
  if (choice % 8 == 0)
    return {{"error", "no\x1b[2J"}, {"faults", {{{"name", "x"}, {"text", "\x1b]0;t\x07"}}}}};
  if (choice % 8 == 1) return Json::array();
  if (choice % 8 == 2)
    return {{"values", 7}, {"settings", "x"}, {"changes", {1, "two", nullptr}}, {"confirm", 3}};
  if (command == "settings.schema")
    return {{"settings",
             {{{"name", "host_name"}, {"type", "domain"}, {"help", "a name\x9b"}},
              {{"name", "interface.<port>.addresses"}, {"type", "prefix"}, {"list", true}},
              {{"name", "relay.password"}, {"secret", true}},
              {{"name", "office.tls"}, {"choices", {"plain", "opportunistic"}}}}}};
  if (command == "settings.show")
    return {{"values",
             {{"host_name", "a.example"}, {"interface.wan.addresses", "192.0.2.1/24\n2001:db8::1/64"}}}};
  if (command == "settings.compare")
    return {{"changes", {{{"name", "x"}, {"before", "1"}, {"after", nullptr}}}}};
  if (command == "settings.state")
    return {{"running", choice},
            {"confirm", {{"seconds", choice}, {"generation", 2}}},
            {"announcements", {{{"time", "t"}, {"text", std::string(1, static_cast<char>(choice))}}}}};
  if (command == "settings.history") return {{"generations", {{{"generation", 1}, {"comment", "c\x1b"}}}}};
  if (command == "status")
    return {{"version", "1"},
            {"dataplane", {{"state", choice % 16 < 8 ? "attached" : "away"}}},
            {"warnings", {"w"}},
            {"counters", Json::object()}};
  if (command == "outcomes")
    return {{"last", 1}, {"outcomes", {{{"number", 1}, {"result", "delivered"}, {"reply", "250 \x1b[5m"}}}}};
  if (command == "login") return {{"ok", choice % 2 == 0}, {"role", "owner"}};
  return {{"passwords", choice % 2 == 0}, {"code", "AB"}, {"done", true}, {"addresses", Json::array()}};
}

// Everything behind an escape is a sequence that the console sends itself.
bool sound(const std::string& sent) {
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto c = static_cast<unsigned char>(sent[i]);
    if (c < 0x20 && c != '\r' && c != '\n' && c != '\b' && c != 0x1b) return false;
    if (c != 0x1b) continue;
    if (i + 1 == sent.size()) return false;
    if (sent[i + 1] == '7' || sent[i + 1] == '8') continue;
    const auto end = sent.find_first_not_of("0123456789;", i + 2);
    if (sent[i + 1] != '[' || end == std::string::npos ||
        std::string_view("mHJKDC@Pn").find(sent[end]) == std::string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  Session session({.physical = (data[0] & 1) != 0,
                   .line = "ttyS0",
                   .baud = 9600,
                   .known_as = (data[0] & 2) != 0 ? "root" : ""});
  if ((data[0] & 4) != 0) session.sized(20 + data[1], 5 + data[1] % 50);
  Instant now{std::chrono::hours(1)};
  session.begin(now);
  std::vector<Request> waiting;
  std::string sent;
  for (std::size_t i = 2; i < size; ++i) {
    for (auto& request : session.take_requests()) waiting.push_back(std::move(request));
    const auto byte = data[i];
    // Bytes that are no keys of their own do the rest of the world.
    if (byte >= 0xf8 && !waiting.empty()) {
      const auto request = std::move(waiting.front());
      waiting.erase(waiting.begin());
      const auto choice = i + 1 < size ? data[i + 1] : byte;
      if (request.kind == Request::Kind::program)
        session.output(request.ticket, "some \x1b[1mline\x1b[0m \x1b[2J\nand " + std::string(choice, '\n'));
      session.answer(request.ticket, answer_to(request.body, choice));
    } else if (byte == 0xf7) {
      now += std::chrono::seconds(i + 1 < size ? data[i + 1] : 1);
      session.tick(now, (byte & 1) != 0);
    } else if (byte == 0xf6) {
      session.announce("*** news \x1b[2J");
    } else {
      const char c = static_cast<char>(byte);
      session.bytes({&c, 1}, now);
    }
    sent += session.take_screen();
  }
  if (!sound(sent)) std::abort();
  return 0;
}
