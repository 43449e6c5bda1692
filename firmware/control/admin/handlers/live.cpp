// Figures, events, the live log, metrics, and the document itself.
#include "firmware/control/admin/handlers/parts.hpp"
#include "platform/clock/clock.hpp"

namespace postern::admin {

namespace {

Response dashboard(Call& call) {
  auto figures = call.rooms.figures.now();
  if (figures.empty()) throw not_available("the first look at the box is not over yet");
  Json events = Json::array();
  for (const auto& one : call.rooms.figures.outcomes()) {
    if (events.size() >= 20) break;
    events.push_back(one);
  }
  // Help desk and above may see whose mail it was; everybody who is logged in is at least that.
  figures["events"] = std::move(events);
  return json_response(figures);
}

Response history(Call& call) {
  return json_response(call.rooms.figures.history(call.text("span"), call.text("series"), call.now));
}

Response events(Call& call) {
  Response response;
  response.content_type = "text/event-stream";
  response.events = true;
  response.only = call.text("only");
  auto& rooms = call.rooms;
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::seconds>(clock::kernel_wall().time_since_epoch()).count();
  };
  if (call.session) {
    response.still_allowed = [&rooms, now, secret = call.request.cookie(kCookie)] {
      return rooms.people.session(secret, rooms.facts.times, now(), false).has_value();
    };
  }
  // What a role may not read by asking it does not hear either.
  if (call.user && call.user->role == "help_desk")
    response.only = response.only.empty() ? "figures,outcome,job,settings,hello" : response.only + ",-log";
  return response;
}

Response log(Call& call) {
  const auto after = call.parameters.find("after");
  return json_response(
      call.rooms.figures.log_lines(after == call.parameters.end() ? 0 : after->second.get<std::uint64_t>(),
                                   most_of(call, 200), call.text("level"), call.text("text")));
}

Response document(Call&) {
  Response response;
  response.body = document_text();
  return response;
}

std::string metric_name(const std::string& room, const std::string& name) {
  std::string text = "postern_" + room + "_" + name;
  for (char& c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!fine) c = '_';
  }
  return text;
}

void add_help(std::string& out, const std::string& name, std::string meaning, const char* type) {
  for (char& c : meaning) {
    if (c == '\n' || c == '\\') c = ' ';
  }
  out += "# HELP " + name + " " + meaning + "\n# TYPE " + name + " " + type + "\n";
}

// The text format of Prometheus, version 0.0.4.
Response metrics(Call& call) {
  std::string out;
  const auto answer = call.rooms.figures.counters();
  add_help(out, "postern_up", "whether the control plane answers", "gauge");
  out += "postern_up " + std::string(answer.empty() ? "0" : "1") + "\n";
  const auto rooms = answer.value("counters", Json::object());
  for (const auto& [room, values] : rooms.items()) {
    for (const auto& [name, value] : values.items()) {
      const auto metric = metric_name(room, name);
      add_help(out, metric, value.value("meaning", name),
               name.ends_with("_open") || room == "dataplane" ? "gauge" : "counter");
      const auto shards = value.value("shards", std::vector<std::uint64_t>{});
      for (std::size_t i = 0; i < shards.size(); ++i)
        out += metric + "{shard=\"" + std::to_string(i) + "\"} " + std::to_string(shards[i]) + "\n";
    }
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = std::move(out);
  return response;
}

constexpr HandlerRow kRows[] = {
    {"getDashboard", dashboard}, {"getFigureHistory", history}, {"events", events}, {"getLog", log},
    {"getDocument", document},   {"getMetrics", metrics},
};

}  // namespace

std::span<const HandlerRow> live_handlers() {
  return kRows;
}

}  // namespace postern::admin
