// `postern status`: how the box is, on one screen.
#include <cstdio>
#include <ctime>

#include "firmware/control/cli/figures.hpp"
#include "firmware/control/cli/status.hpp"
#include "firmware/control/cli/table.hpp"

namespace postern::control::cli {

namespace {

constexpr std::size_t kMostRefusals = 6;

// "2026-01-31T12:00:00.123Z" in seconds since 1970; 0 for anything else.
std::uint64_t seconds_of(const std::string& text) {
  std::tm parts{};
  if (text.size() < 19 || ::strptime(text.substr(0, 19).c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr)
    return 0;
  return static_cast<std::uint64_t>(::timegm(&parts));
}

std::string plural(std::uint64_t number, std::string_view one, std::string_view more) {
  return with_separators(number) + " " + std::string(number == 1 ? one : more);
}

class Screen {
 public:
  Screen(const Json& status, bool colour)
      : status_(status), counters_(status.value("counters", Json::object())), colour_(colour) {}

  std::string text() {
    head();
    dataplane();
    sensors();
    settings();
    mail();
    tls();
    refused();
    warnings();
    return std::move(text_);
  }

 private:
  void line(std::string_view label, const std::string& value) {
    std::string front(label);
    front.resize(14, ' ');
    text_ += "  " + paint(front, Colour::bold, colour_) + value + "\n";
  }

  std::string n(std::string_view name) const { return with_separators(figure(counters_, name)); }

  void head() {
    const auto host = status_.value("host_name", "");
    auto time = status_.value("time", "");
    if (time.size() > 19) time = time.substr(0, 10) + " " + time.substr(11, 8) + " UTC";
    text_ +=
        paint("Postern " + status_.value("version", "") + "  " + printable(host), Colour::bold, colour_) +
        "   " + time + "\n\n";
  }

  void dataplane() {
    const auto& plane = status_["dataplane"];
    const auto state = plane.value("state", "");
    const auto phase = plane.value("phase", "");
    std::string what = headline(plane, colour_);
    if (state == "attached") {
      const auto up = seconds_of(status_.value("time", "")) - seconds_of(plane.value("since", ""));
      what += ", process " + std::to_string(plane.value("pid", 0)) + ", up " + since(up) + ", " +
              plural(plane.value("shards", std::uint64_t{0}), "core", "cores");
      if (plane.value("version", "") != status_.value("version", ""))
        what += ", version " + plane.value("version", "");
    }
    line("data plane", what);
    const auto last = plane.value("last_end", "");
    if (!last.empty())
      line("", "before that: " + printable(last) + " at " + plane.value("last_end_time", "").substr(11, 8));
  }

  void sensors() {
    if (const auto slot = status_.value("slot", ""); !slot.empty()) line("slot", printable(slot));
    std::string all;
    for (const auto& one : status_.value("sensors", Json::array())) {
      const auto verdict = one.value("verdict", "");
      const bool missing = verdict == "missing";
      auto text = printable(one.value("name", "")) + " " +
                  (missing ? verdict : std::to_string(one.value("value", 0)) + " " + printable(one.value("unit", "")));
      if (!missing && verdict != "fine") text = paint(text + " (" + verdict + ")", Colour::red, colour_);
      all += (all.empty() ? "" : ", ") + text;
    }
    if (!all.empty()) line("sensors", all);
  }

  void settings() {
    const auto& plane = status_["dataplane"];
    const auto published = plane.value("published_generation", std::uint64_t{0});
    std::string what = "generation " + std::to_string(published);
    if (plane.value("all_at_generation", false)) {
      what += " on all cores";
    } else if (!plane.value("refused", "").empty()) {
      what += paint(" was refused", Colour::red, colour_) + ": " + printable(plane.value("refused", ""));
    } else {
      what += ", not on all cores yet (" + std::to_string(plane.value("shards_at_generation", 0)) + " of " +
              std::to_string(plane.value("shards", 0)) + ")";
    }
    const auto& from = status_["settings"];
    line("settings", what);
    line("", printable(from.value("file", "")) + ", read " + from.value("loaded", "").substr(11, 8));
  }

  void mail() {
    text_ += "\n";
    line("sessions", n("sessions_in_open") + " in, " + n("sessions_out_open") + " to the office  (" +
                         n("sessions_in") + " and " + n("sessions_out") + " so far)");
    line("messages", n("accepted") + " accepted (" +
                         short_bytes(static_cast<double>(figure(counters_, "accepted_bytes"))) + ")");
    line("",
         n("delivered") + " delivered, " + n("deferred") + " attempts put off, " + n("bounced") + " bounced");
    line("queue", plural(figure(counters_, "queued"), "message", "messages"));
  }

  void tls() {
    const auto all = figure(counters_, "handshakes");
    std::string what = plural(all, "handshake", "handshakes");
    if (all != 0)
      what += ", " + std::to_string(figure(counters_, "handshakes_resumed") * 100 / all) + " % from tickets";
    what += ", " + n("handshakes_failed") + " failed";
    line("TLS", what);
  }

  void refused() {
    const auto list = refusals(counters_);
    std::size_t shown = 0;
    for (const auto& one : list) {
      if (shown == kMostRefusals) break;
      std::string count = with_separators(one.count);
      count.insert(0, count.size() < 7 ? 7 - count.size() : 0, ' ');
      if (shown++ == 0) text_ += "\n";
      line(shown == 1 ? "refused" : "", count + "  " + printable(one.meaning));
    }
    if (list.size() > shown)
      line("", "        and " + std::to_string(list.size() - shown) + " more kinds: postern counters smtp");
  }

  void warnings() {
    const auto list = status_.value("warnings", Json::array());
    if (list.empty()) return;
    text_ += "\n";
    bool first = true;
    for (const auto& one : list) {
      line(first ? "warnings" : "", paint(printable(one.get<std::string>()), Colour::yellow, colour_));
      first = false;
    }
  }

  const Json& status_;
  const Json counters_;
  bool colour_;
  std::string text_;
};

}  // namespace

std::string headline(const Json& dataplane, bool colour) {
  const auto state = dataplane.value("state", "");
  if (state == "attached") {
    const auto phase = dataplane.value("phase", "running");
    const auto silent = dataplane.value("silent_seconds", 0);
    if (silent >= 10) return paint("silent for " + std::to_string(silent) + " s", Colour::red, colour);
    return paint(phase, phase == "running" ? Colour::green : Colour::yellow, colour);
  }
  std::string what = paint(state == "away"   ? "not running"
                           : state == "lost" ? "running, but its line is gone"
                                             : state,
                           Colour::red, colour);
  if (dataplane.contains("next_start_seconds")) {
    what += ", will be started in " + std::to_string(dataplane["next_start_seconds"].get<int>()) + " s";
  }
  return what;
}

std::string status_text(const Json& status, bool colour) {
  return Screen(status, colour).text();
}

int status_command(const Invocation& invocation) {
  auto reply = ask(invocation, {{"command", "status"}});
  if (reply.status != kDone) return reply.status;
  const auto& counters = reply.json["counters"];
  if (invocation.json) {
    for (const auto& one : figures())
      reply.json["figures"][std::string(one.name)] = figure(counters, one.name);
    reply.json["refusals"] = Json::array();
    for (const auto& one : refusals(counters)) {
      reply.json["refusals"].push_back(
          {{"room", one.room}, {"name", one.name}, {"meaning", one.meaning}, {"count", one.count}});
    }
    reply.json.erase("counters");
    print(reply.json);
  } else {
    std::fputs(status_text(reply.json, invocation.colour).c_str(), stdout);
  }
  return reply.json["dataplane"].value("state", "") == "attached" ? kDone : kNoDataplane;
}

}  // namespace postern::control::cli
