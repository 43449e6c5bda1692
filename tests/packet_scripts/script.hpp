// A packet script as a value: what packetdrill's notation says, line by line. parse.cpp reads it, runner.cpp
// plays it, print.cpp writes a segment the way a script would.
//
// Sequence numbers are relative to each side's first one; they may be negative.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "platform/base/time.hpp"

namespace postern::tcp::scripts {

// What is wrong, and where: with the script, or with what the engine did.
struct Fault {
  int line = 0;
  std::string text;
};

// When an event happens, or between which instants. `any` is packetdrill's `*`.
struct When {
  bool relative = true;
  bool any = false;
  Duration from{0};
  Duration to{0};
};

struct Option {
  enum class Kind : std::uint8_t { nop, eol, mss, scale, sack_permitted, timestamps, sack, raw } kind;
  std::uint32_t value = 0;  // of mss, scale and the timestamp
  std::uint32_t echo = 0;
  bool any_value = false;
  bool any_echo = false;
  std::vector<std::pair<std::int64_t, std::int64_t>> blocks = {};
  std::vector<std::uint8_t> bytes = {};
};

struct Segment {
  bool to_engine = false;
  std::uint8_t flags = 0;
  std::int64_t start = 0;
  std::uint32_t length = 0;  // of the payload
  std::optional<std::int64_t> ack;
  std::optional<std::uint32_t> window;  // as on the wire
  std::optional<std::uint16_t> urgent;
  std::optional<std::uint8_t> ecn;  // the two bits of the IP header
  bool any_options = false;
  std::vector<Option> options;
  bool bad_checksum = false;
  std::optional<std::uint8_t> data_offset;  // in words, where it is to lie
};

struct Icmp {
  enum class Kind : std::uint8_t { soft, hard, too_big } kind;
  std::uint16_t mtu = 0;
  std::int64_t quoted = 0;  // sequence number of ours it quotes
};

// A socket call, or a question about the connection, with the answer it must give.
struct Call {
  std::string name;
  std::vector<std::string> arguments;
  char relation = '=';  // or < or >, between numbers
  std::string result;
};

struct Silence {};  // `> nothing`

struct Event {
  int line = 0;
  std::string text;
  When when;
  std::variant<Segment, Icmp, Call, Silence> what;
};

struct Setting {
  int line = 0;
  std::string name;
  std::string value;
};

struct Script {
  std::string claim;
  std::vector<Setting> settings;
  std::vector<Event> events;
};

// Throws Fault.
Script parse_script(const std::string& text);

std::string print(const Segment& segment);
std::string print(Duration time);  // in seconds

}  // namespace postern::tcp::scripts
