#include "tests/packet_scripts/parse_segment.hpp"

#include <array>

#include "firmware/wire/tcp.hpp"

namespace postern::tcp::scripts {

namespace {

constexpr std::int64_t kLeast = -0xffffffffLL;
constexpr std::int64_t kMost = 0xffffffffLL;

std::uint8_t parse_flags(Cursor& at) {
  constexpr std::array<std::pair<char, std::uint8_t>, 8> kFlags = {{{'S', wire::kTcpSyn},
                                                                    {'F', wire::kTcpFin},
                                                                    {'R', wire::kTcpRst},
                                                                    {'P', wire::kTcpPsh},
                                                                    {'.', wire::kTcpAck},
                                                                    {'E', wire::kTcpEce},
                                                                    {'W', wire::kTcpCwr},
                                                                    {'U', wire::kTcpUrg}}};
  std::uint8_t bits = 0;
  if (at.take("- ")) return bits;
  const std::string_view text = at.rest().substr(0, at.rest().find(' '));
  if (text.empty()) at.fail("expected flags");
  for (const char sign : text) {
    bool known = false;
    for (const auto& [letter, bit] : kFlags) {
      if (letter != sign) continue;
      if ((bits & bit) != 0) at.fail("a flag twice");
      bits |= bit;
      known = true;
    }
    if (!known) at.fail(std::string{"unknown flag `"} + sign + "`");
  }
  at.take(text);
  return bits;
}

// 1:1001(1000)
void parse_range(Cursor& at, Segment& segment) {
  segment.start = at.number(kLeast, kMost);
  at.expect(":");
  const std::int64_t end = at.number(kLeast, kMost);
  at.expect("(");
  segment.length = static_cast<std::uint32_t>(at.number(0, 65535));
  at.expect(")");
  if (end - segment.start != segment.length) at.fail("the range is not as long as it says");
}

std::uint32_t value_or_any(Cursor& at, bool& any) {
  any = at.take("*");
  return any ? 0 : static_cast<std::uint32_t>(at.number(0, kMost));
}

Option parse_sack(Cursor& at) {
  Option option{Option::Kind::sack};
  while (at.peek() == '-' || std::isdigit(static_cast<unsigned char>(at.peek())) != 0) {
    const std::int64_t start = at.number(kLeast, kMost);
    at.expect(":");
    option.blocks.emplace_back(start, at.number(kLeast, kMost));
  }
  if (option.blocks.empty()) at.fail("a SACK option without blocks");
  return option;
}

Option parse_raw(Cursor& at) {
  Option option{Option::Kind::raw};
  const std::string digits = at.word();
  if (digits.size() % 2 != 0) at.fail("an odd number of digits");
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    std::size_t used = 0;
    const std::string byte = digits.substr(i, 2);
    if (byte.find_first_not_of("0123456789abcdef") != std::string::npos) at.fail("not a hexadecimal byte");
    option.bytes.push_back(static_cast<std::uint8_t>(std::stoul(byte, &used, 16)));
  }
  return option;
}

Option parse_option(Cursor& at) {
  if (at.take_word("nop")) return {Option::Kind::nop};
  if (at.take_word("eol")) return {Option::Kind::eol};
  if (at.take_word("sackOK")) return {Option::Kind::sack_permitted};
  if (at.take_word("mss")) return {Option::Kind::mss, static_cast<std::uint32_t>(at.number(0, 65535))};
  if (at.take_word("wscale")) return {Option::Kind::scale, static_cast<std::uint32_t>(at.number(0, 255))};
  if (at.take_word("sack")) return parse_sack(at);
  if (at.take_word("hex")) return parse_raw(at);
  if (!at.take_word("TS")) at.fail("unknown option");
  Option option{Option::Kind::timestamps};
  at.expect("val");
  option.value = value_or_any(at, option.any_value);
  at.expect("ecr");
  option.echo = value_or_any(at, option.any_echo);
  return option;
}

void parse_options(Cursor& at, Segment& segment) {
  if (at.take("...")) {
    if (segment.to_engine) at.fail("`<...>` says nothing about a segment that is to be sent");
    segment.any_options = true;
  } else {
    do segment.options.push_back(parse_option(at));
    while (at.take(","));
  }
  at.expect(">");
}

// [ect0], [ect1], [ce], [noecn], [bad_checksum], [data_offset 4]
void parse_mark(Cursor& at, Segment& segment) {
  if (at.take_word("noecn")) {
    segment.ecn = std::uint8_t{0};
  } else if (at.take_word("ect1")) {
    segment.ecn = std::uint8_t{1};
  } else if (at.take_word("ect0")) {
    segment.ecn = std::uint8_t{2};
  } else if (at.take_word("ce")) {
    segment.ecn = std::uint8_t{3};
  } else if (segment.to_engine && at.take_word("bad_checksum")) {
    segment.bad_checksum = true;
  } else if (segment.to_engine && at.take_word("data_offset")) {
    segment.data_offset = static_cast<std::uint8_t>(at.number(0, 15));
  } else {
    at.fail("unknown mark");
  }
  at.expect("]");
}

}  // namespace

Segment parse_segment(Cursor& at, bool to_engine) {
  Segment segment;
  segment.to_engine = to_engine;
  while (at.take("[")) parse_mark(at, segment);
  segment.flags = parse_flags(at);
  parse_range(at, segment);
  if (at.take_word("ack")) segment.ack = at.number(kLeast, kMost);
  if (at.take_word("win")) segment.window = static_cast<std::uint32_t>(at.number(0, 65535));
  if (at.take_word("urg")) segment.urgent = static_cast<std::uint16_t>(at.number(0, 65535));
  if (at.take("<")) parse_options(at, segment);
  if (!at.at_end()) at.fail("what is this");
  if (((segment.flags & wire::kTcpAck) != 0) != segment.ack.has_value())
    at.fail("the flag `.` and `ack` go together");
  return segment;
}

Icmp parse_icmp(Cursor& at) {
  struct Name {
    const char* text;
    Icmp::Kind kind;
  };
  // RFC 5927 §4 with RFC 1122 §4.2.3.9: which of them tell of a hard error.
  constexpr std::array<Name, 9> kNames = {{{"unreachable net_unreachable", Icmp::Kind::soft},
                                           {"unreachable host_unreachable", Icmp::Kind::soft},
                                           {"unreachable address_unreachable", Icmp::Kind::soft},
                                           {"time_exceeded", Icmp::Kind::soft},
                                           {"parameter_problem", Icmp::Kind::soft},
                                           {"unreachable protocol_unreachable", Icmp::Kind::hard},
                                           {"unreachable port_unreachable", Icmp::Kind::hard},
                                           {"unreachable frag_needed", Icmp::Kind::too_big},
                                           {"packet_too_big", Icmp::Kind::too_big}}};
  for (const Name& name : kNames) {
    if (!at.take(name.text)) continue;
    Icmp icmp{name.kind};
    if (at.take_word("mtu")) icmp.mtu = static_cast<std::uint16_t>(at.number(0, 65535));
    Segment quoted;
    at.expect("[");
    parse_range(at, quoted);
    at.expect("]");
    icmp.quoted = quoted.start;
    if (!at.at_end()) at.fail("what is this");
    return icmp;
  }
  at.fail("unknown ICMP message");
}

}  // namespace postern::tcp::scripts
