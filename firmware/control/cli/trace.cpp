// `postern trace`: what happened to one message, step by step. It reads the message log, so it works while
// nothing else does; the log holds no content of mail, so none can be shown.
#include "firmware/control/cli/trace.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <set>
#include <utility>

#include "firmware/control/cli/table.hpp"
#include "firmware/spool/reader.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::control::cli {

namespace {

constexpr int kMostFiles = 10000;
constexpr std::uint64_t kMostRecent = 1000;

// A line is read as JSON only where the id stands in it.
void take_lines(std::ifstream& file, const std::string& id, std::set<std::string>& seen,
                std::vector<Json>& events) {
  const auto mark = "\"" + id + "\"";
  std::string line;
  while (std::getline(file, line)) {
    if (line.find(mark) == std::string::npos || !seen.insert(line).second) continue;
    auto event = Json::parse(line, nullptr, false);
    if (event.is_object() && event.value("id", "") == id) events.push_back(std::move(event));
  }
}

std::string text_of(const Json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Seconds of the day and the day's number are enough to tell how far two times lie apart.
double seconds_of(const std::string& time) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  double second = 0;
  if (std::sscanf(time.c_str(), "%d-%d-%dT%d:%d:%lf", &year, &month, &day, &hour, &minute, &second) != 6)
    return 0;
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  return static_cast<double>(::timegm(&parts)) + second;
}

std::string after(double seconds) {
  if (seconds >= 60) return since(static_cast<std::uint64_t>(seconds));
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", seconds);
  return text;
}

Colour colour_of(const std::string& result) {
  if (result == "delivered") return Colour::green;
  if (result == "deferred" || result == "delayed") return Colour::yellow;
  if (result == "bounced" || result == "refused") return Colour::red;
  return Colour::none;
}

std::string policy_text(const Json& session, const char* name) {
  const auto found = session.find(name);
  if (found == session.end() || !found->is_object()) return {};
  const auto code = text_of(*found, "code");
  return "; " + text_of(*found, "policy") + ": " + text_of(*found, "result") +
         (code.empty() ? "" : " (" + code + ")");
}

std::string session_text(const Json& session) {
  std::string text = session.value("connected", false) ? "connected" : "no connection";
  if (session.value("connected", false))
    text += session.value("secured", false) ? ", under TLS" : ", not under TLS";
  const auto information = text_of(session, "information");
  return text + policy_text(session, "dane") + policy_text(session, "sts") +
         (information.empty() ? "" : "; " + information);
}

std::string host_of(const Json& event) {
  const auto host = text_of(event, "host");
  const auto peer = text_of(event, "peer");
  const bool none = peer.empty() || peer == "::" || peer == "0.0.0.0";
  return host.empty() ? (none ? "-" : peer) : host + (none ? "" : " [" + peer + "]");
}

std::string said(const Json& event) {
  const auto session = event.find("session");
  auto text =
      session != event.end() && session->is_object() ? session_text(*session) : text_of(event, "reply");
  if (const auto why = text_of(event, "why"); !why.empty()) text += " (insisted on: " + why + ")";
  return text;
}

// The line that says most about the message itself: its arrival, where the log reaches back that far.
std::string head_of(const std::vector<Json>& events) {
  const auto accepted = std::find_if(events.begin(), events.end(),
                                     [](const Json& one) { return text_of(one, "result") == "accepted"; });
  const auto& event = accepted == events.end() ? events.front() : *accepted;
  const auto others = event.value("recipients", std::uint64_t{1});
  const auto from = text_of(event, "from");
  return "from " + (from.empty() ? "<>" : from) + " to " + text_of(event, "to") +
         (others > 1 ? " and " + std::to_string(others - 1) + " more" : "") + ", " +
         short_bytes(static_cast<double>(event.value("bytes", std::uint64_t{0})));
}

// Without a log file: what control remembers.
Result<std::vector<Json>, Fault> recent(const Invocation& invocation, const std::string& id) {
  const auto reply = ask(invocation, {{"command", "outcomes"}, {"after", 0}, {"most", kMostRecent}});
  if (reply.status != kDone) return fault("log.messages names no file, and control cannot be asked");
  std::vector<Json> events;
  for (const auto& one : reply.json["outcomes"]) {
    if (text_of(one, "id") == id) events.push_back(one);
  }
  return events;
}

Result<std::vector<Json>, Fault> find(const Invocation& invocation, std::uint64_t id) {
  if (const auto given = invocation.given.find("--log"); given != invocation.given.end())
    return read_trace(given->second, id);
  const auto reply = ask(invocation, {{"command", "status"}});
  if (reply.status != kDone) return fault("so the log is not known: name it with --log FILE");
  const auto file = reply.json["settings"].value("message_log", "");
  return file.empty() ? recent(invocation, spool::text(id)) : read_trace(file, id);
}

}  // namespace

// The newest file first: one that is set aside meanwhile is then read twice, never missed.
Result<std::vector<Json>, Fault> read_trace(const std::string& file, std::uint64_t id) {
  std::vector<Json> events;
  std::set<std::string> seen;
  for (int number = 0; number < kMostFiles; ++number) {
    const auto path = number == 0 ? file : file + "." + std::to_string(number);
    std::ifstream lines(path, std::ios::binary);
    if (!lines && number == 0) return fault("cannot read " + path);
    if (!lines) break;
    take_lines(lines, spool::text(id), seen, events);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Json& a, const Json& b) { return text_of(a, "time") < text_of(b, "time"); });
  return events;
}

std::string trace_text(const std::vector<Json>& events, std::size_t width, bool colour) {
  Table table(
      {{"TIME (UTC)"}, {"AFTER", Table::Align::right}, {"WHAT"}, {"WHERE"}, {"TLS"}, {"CODE"}, {"SAID"}});
  const double begin = seconds_of(text_of(events.front(), "time"));
  for (const auto& one : events) {
    const auto time = text_of(one, "time");
    const auto result = text_of(one, "result");
    const auto tls = text_of(one, "tls");
    const auto code = one.value("code", 0);
    table.add({time, after(std::max(0.0, seconds_of(time) - begin)), result, host_of(one),
               tls.empty() ? "-" : tls, code == 0 ? "-" : std::to_string(code), said(one)},
              colour_of(result));
  }
  return paint(text_of(events.front(), "id"), Colour::bold, colour) + "  " + printable(head_of(events)) +
         "\n\n" + table.text(width, colour);
}

int trace_command(const Invocation& invocation) {
  if (invocation.words.size() != 1) return complain("which message? postern trace ID", kUsage);
  const auto id = spool::message_id_of(invocation.words[0]);
  if (id == 0)
    return complain("'" + invocation.words[0] + "' is no spool id: it has 16 hexadecimal digits", kUsage);
  const auto events = find(invocation, id);
  if (!events) return complain(events.error().reason, kUsage);
  if (invocation.json) {
    print({{"id", spool::text(id)}, {"events", *events}});
    return events->empty() ? kFailed : kDone;
  }
  if (events->empty()) return complain("the message log says nothing about " + spool::text(id), kFailed);
  std::fputs(trace_text(*events, invocation.cut(), invocation.colour).c_str(), stdout);
  return kDone;
}

}  // namespace postern::control::cli
