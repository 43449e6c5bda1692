#include <algorithm>
#include <sstream>

#include "tests/packet_scripts/cursor.hpp"
#include "tests/packet_scripts/parse_segment.hpp"
#include "tests/packet_scripts/script.hpp"

namespace postern::tcp::scripts {

namespace {

// `0.25`, `.25` or `3`, in seconds, exact to the nanosecond.
Duration parse_seconds(Cursor& at) {
  const std::int64_t whole = at.peek() == '.' ? 0 : at.number(0, 1'000'000'000);
  Duration time = std::chrono::seconds{whole};
  if (!at.take(".")) return time;
  std::int64_t unit = 1'000'000'000;
  while (std::isdigit(static_cast<unsigned char>(at.peek())) != 0) {
    unit /= 10;
    if (unit == 0) at.fail("a time finer than a nanosecond");
    time += Duration{unit * (at.peek() - '0')};
    at.take(at.rest().substr(0, 1));
  }
  if (unit == 1'000'000'000) at.fail("expected digits after the point");
  return time;
}

// `+0.1`, `0.1`, `+0.1~+0.2`, `*`
When parse_when(Cursor& at) {
  When when;
  when.any = at.take("*");
  if (when.any) return when;
  when.relative = at.take("+");
  when.from = when.to = parse_seconds(at);
  if (!at.take("~")) return when;
  if (at.take("+") != when.relative) at.fail("one end of the range is relative, the other is not");
  when.to = parse_seconds(at);
  if (when.to < when.from) at.fail("the range ends before it begins");
  return when;
}

Call parse_call(Cursor& at) {
  Call call;
  call.name = at.word();
  at.expect("(");
  const std::string inside = at.until(')');
  std::istringstream parts{inside};
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t first = part.find_first_not_of(" \"");
    const std::size_t last = part.find_last_not_of(" \"");
    if (first == std::string::npos) at.fail("an empty argument");
    call.arguments.push_back(part.substr(first, last - first + 1));
  }
  for (const char relation : {'=', '<', '>'}) {
    if (!at.take({&relation, 1})) continue;
    call.relation = relation;
    call.result = std::string{at.rest()};
    if (call.result.empty()) at.fail("expected an answer");
    break;
  }
  if (call.result.empty() && !at.at_end()) at.fail("expected `=`");
  // packetdrill tells an error's text after its name.
  if (const std::size_t words = call.result.find(" ("); words != std::string::npos) call.result.resize(words);
  return call;
}

Event parse_event(const std::string& text, int line) {
  Cursor at{text, line};
  Event event{line, text, parse_when(at), Silence{}};
  if (at.take("<")) {
    if (at.take_word("icmp") || at.take_word("icmpv6")) {
      event.what = parse_icmp(at);
    } else {
      event.what = parse_segment(at, true);
    }
  } else if (at.take(">")) {
    if (at.take_word("nothing")) {
      if (!at.at_end()) at.fail("what is this");
    } else {
      event.what = parse_segment(at, false);
    }
  } else {
    event.what = parse_call(at);
  }
  const bool waits = std::holds_alternative<Segment>(event.what) && !std::get<Segment>(event.what).to_engine;
  if (!waits && (event.when.any || event.when.from != event.when.to)) {
    throw Fault{line, "only an expected segment may come at a time that is not certain"};
  }
  return event;
}

// `--name=value`
Setting parse_setting(const std::string& text, int line) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) throw Fault{line, "a setting is written --name=value"};
  return {line, text.substr(2, equals - 2), text.substr(equals + 1)};
}

std::string without_comment(const std::string& line) {
  const std::size_t end = std::min(line.find("//"), line.find('#'));
  std::string text = line.substr(0, end);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? std::string{} : text.substr(first);
}

// The claim is the comment the file begins with, its lines joined. It names what it rests on.
std::string parse_claim(const std::string& text) {
  std::istringstream lines{text};
  std::string claim;
  for (std::string line; std::getline(lines, line) && line.starts_with("#");) {
    const std::size_t first = line.find_first_not_of("# ");
    if (first != std::string::npos) claim += (claim.empty() ? "" : " ") + line.substr(first);
  }
  if (!claim.starts_with("RFC ") || claim.find(": ") == std::string::npos)
    throw Fault{1, "a script begins with its claim: # RFC 9293 §3.10.7.4: ..."};
  return claim;
}

}  // namespace

Script parse_script(const std::string& text) {
  Script script;
  script.claim = parse_claim(text);
  std::istringstream lines{text};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string code = without_comment(line);
    if (code.empty()) continue;
    if (code.starts_with("--")) {
      if (!script.events.empty()) throw Fault{number, "settings come before the first event"};
      script.settings.push_back(parse_setting(code, number));
    } else {
      script.events.push_back(parse_event(code, number));
    }
  }
  const bool expects = std::any_of(script.events.begin(), script.events.end(), [](const Event& event) {
    const auto* const segment = std::get_if<Segment>(&event.what);
    const auto* const call = std::get_if<Call>(&event.what);
    return std::holds_alternative<Silence>(event.what) || (segment != nullptr && !segment->to_engine) ||
           (call != nullptr && !call->result.empty());
  });
  if (!expects) throw Fault{number, "a script that expects nothing cannot fail"};
  return script;
}

}  // namespace postern::tcp::scripts
