// A segment in the notation of the scripts.
#include <cstdio>

#include "firmware/wire/tcp.hpp"
#include "tests/packet_scripts/script.hpp"

namespace postern::tcp::scripts {

namespace {

std::string flags_text(std::uint8_t bits) {
  static constexpr std::pair<std::uint8_t, char> kFlags[] = {
      {wire::kTcpSyn, 'S'}, {wire::kTcpFin, 'F'}, {wire::kTcpRst, 'R'}, {wire::kTcpPsh, 'P'},
      {wire::kTcpAck, '.'}, {wire::kTcpEce, 'E'}, {wire::kTcpCwr, 'W'}, {wire::kTcpUrg, 'U'}};
  std::string text;
  for (const auto& [bit, letter] : kFlags) {
    if ((bits & bit) != 0) text += letter;
  }
  return text.empty() ? "-" : text;
}

std::string option_text(const Option& option) {
  switch (option.kind) {
    case Option::Kind::nop:
      return "nop";
    case Option::Kind::eol:
      return "eol";
    case Option::Kind::mss:
      return "mss " + std::to_string(option.value);
    case Option::Kind::scale:
      return "wscale " + std::to_string(option.value);
    case Option::Kind::sack_permitted:
      return "sackOK";
    case Option::Kind::timestamps:
      return "TS val " + (option.any_value ? "*" : std::to_string(option.value)) + " ecr " +
             (option.any_echo ? "*" : std::to_string(option.echo));
    case Option::Kind::sack: {
      std::string text = "sack";
      for (const auto& [start, end] : option.blocks)
        text += " " + std::to_string(start) + ":" + std::to_string(end);
      return text;
    }
    case Option::Kind::raw:
      return "hex";
  }
  return "?";
}

std::string options_text(const Segment& segment) {
  if (segment.any_options) return " <...>";
  std::string text;
  for (const Option& option : segment.options) text += (text.empty() ? " <" : ",") + option_text(option);
  return text.empty() ? text : text + ">";
}

}  // namespace

std::string print(const Segment& segment) {
  static constexpr const char* kEcn[] = {"[noecn] ", "[ect1] ", "[ect0] ", "[ce] "};
  std::string text = segment.to_engine ? "< " : "> ";
  if (segment.ecn) text += kEcn[*segment.ecn & 3];
  text += flags_text(segment.flags) + " " + std::to_string(segment.start) + ":" +
          std::to_string(segment.start + segment.length) + "(" + std::to_string(segment.length) + ")";
  if (segment.ack) text += " ack " + std::to_string(*segment.ack);
  if (segment.window) text += " win " + std::to_string(*segment.window);
  if (segment.urgent) text += " urg " + std::to_string(*segment.urgent);
  return text + options_text(segment);
}

std::string print(Duration time) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6f", static_cast<double>(time.count()) / 1e9);
  return text;
}

}  // namespace postern::tcp::scripts
