// The screen of `postern top`: see top.hpp.
#include <algorithm>
#include <array>
#include <cmath>

#include "firmware/control/cli/figures.hpp"
#include "firmware/control/cli/log_table.hpp"
#include "firmware/control/cli/status.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/control/cli/top.hpp"

namespace postern::control::cli {

namespace {

enum class Unit : std::uint8_t { number, bytes };

struct Row {
  std::string_view label;
  std::string_view figure;  // empty: all refusals
  Unit unit = Unit::number;
};

constexpr auto kRows = std::to_array<Row>({
    {"messages accepted", "accepted"},
    {"         delivered", "delivered"},
    {"         put off", "deferred"},
    {"         bounced", "bounced"},
    {"bytes accepted", "accepted_bytes", Unit::bytes},
    {"refusals", ""},
    {"connections", "connections"},
    {"TLS handshakes", "handshakes"},
    {"    from tickets", "handshakes_resumed"},
    {"segments in", "segments_in"},
    {"         out", "segments_out"},
    {"         again", "retransmitted"},
});

std::uint64_t value_of(const Look& look, const Row& row) {
  const auto& counters = look.status["counters"];
  return row.figure.empty() ? refused_in_all(counters) : figure(counters, row.figure);
}

// Counters begin again with a data plane that was started again: that is no negative rate.
double rate(std::uint64_t before, std::uint64_t now, double seconds) {
  return now < before || seconds <= 0 ? 0 : static_cast<double>(now - before) / seconds;
}

std::string shown(double value, Unit unit, bool per_second) {
  const auto text = unit == Unit::bytes ? short_bytes(value) : short_number(value);
  return per_second ? text + "/s" : text;
}

std::string right(std::string text, std::size_t width) {
  const auto have = columns_of(text);
  return have < width ? std::string(width - have, ' ') + text : text;
}

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

// How much of its time each core was at work, 0 to 1.
std::vector<double> busy_shares(const Look& before, const Look& now) {
  const auto old_ns = by_shard(before.status["counters"], "dataplane", "busy_ns");
  const auto new_ns = by_shard(now.status["counters"], "dataplane", "busy_ns");
  std::vector<double> shares;
  for (std::size_t i = 0; i < std::min(old_ns.size(), new_ns.size()); ++i) {
    shares.push_back(std::min(1.0, rate(old_ns[i], new_ns[i], now.seconds - before.seconds) / 1e9));
  }
  return shares;
}

std::string head_line(const Json& status, bool colour) {
  auto time = status.value("time", "");
  if (time.size() > 19) time = time.substr(11, 8) + " UTC";
  return paint("Postern " + status.value("version", "") + "  " + printable(status.value("host_name", "")),
               Colour::bold, colour) +
         "  " + time;
}

std::string state_line(const Json& status, bool colour) {
  const auto& plane = status["dataplane"];
  const auto& counters = status["counters"];
  return "data plane " + headline(plane, colour) + ", settings " +
         std::to_string(plane.value("published_generation", 0)) +
         (plane.value("all_at_generation", false) ? "" : " (not on all cores)") + "   queue " +
         with_separators(figure(counters, "queued")) + "   sessions " +
         with_separators(figure(counters, "sessions_in_open")) + " in, " +
         with_separators(figure(counters, "sessions_out_open")) + " out";
}

void add_cores(std::vector<std::string>& lines, const Look& before, const Look& now, std::size_t width) {
  constexpr std::size_t kBar = 16;
  std::string line;
  std::size_t index = 0;
  for (const double share : busy_shares(before, now)) {
    const auto percent = static_cast<int>(std::lround(share * 100));
    const auto one = "core " + std::to_string(index++) + " " + bar(share, kBar) +
                     right(std::to_string(percent), 4) + " % busy   ";
    if (!line.empty() && line.size() + one.size() > width) {
      lines.push_back(line);
      line.clear();
    }
    line += one;
  }
  if (!line.empty()) lines.push_back(line);
}

void add_outcomes(std::vector<std::string>& lines, const Json& outcomes, std::size_t width,
                  std::size_t height, bool colour) {
  if (outcomes.empty() || lines.size() + 3 > height) return;
  const auto room = height - lines.size() - 2;
  Json last = Json::array();
  for (auto i = outcomes.size() > room ? outcomes.size() - room : 0; i < outcomes.size(); ++i)
    last.push_back(outcomes[i]);
  lines.emplace_back();
  auto text = outcome_table(last, width).text(width, colour);
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.erase(0, end + 1);
  }
}

}  // namespace

std::vector<std::string> top_lines(const Look& before, const Look& now, std::size_t width, std::size_t height,
                                   bool colour) {
  std::vector<std::string> lines{head_line(now.status, colour), state_line(now.status, colour)};
  add_cores(lines, before, now, width);
  lines.emplace_back();
  lines.push_back(paint(left("", 20) + right("now", 14) + right("in all", 16), Colour::bold, colour));
  const double seconds = now.seconds - before.seconds;
  for (const auto& row : kRows) {
    const auto count = value_of(now, row);
    lines.push_back(left(std::string(row.label), 20) +
                    right(shown(rate(value_of(before, row), count, seconds), row.unit, true), 14) +
                    right(shown(static_cast<double>(count), row.unit, false), 16));
  }
  const auto warnings = now.status.value("warnings", Json::array());
  if (!warnings.empty()) {
    lines.emplace_back();
    lines.push_back(paint(cut(printable(warnings[0].get<std::string>()), width), Colour::yellow, colour));
  }
  add_outcomes(lines, now.outcomes, width, height, colour);
  if (lines.size() > height) lines.resize(height);
  return lines;
}

Json top_json(const Look& before, const Look& now) {
  const double seconds = now.seconds - before.seconds;
  Json json{{"time", now.status.value("time", "")}, {"seconds", seconds}};
  for (const auto& one : figures()) {
    const auto count = figure(now.status["counters"], one.name);
    json["per_second"][std::string(one.name)] =
        rate(figure(before.status["counters"], one.name), count, seconds);
    json["total"][std::string(one.name)] = count;
  }
  json["busy"] = busy_shares(before, now);
  json["dataplane"] = now.status["dataplane"];
  return json;
}

}  // namespace postern::control::cli
