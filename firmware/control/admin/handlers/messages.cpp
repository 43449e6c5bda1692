// What became of messages. The message log answers where there is one (messages.search and messages.trace at
// the door); else what we have seen since we began.
#include <algorithm>
#include <map>

#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

bool holds(const Json& outcome, const std::string& text) {
  for (const auto* name : {"from", "to", "id", "host", "domain", "peer", "reply", "message_id"}) {
    const auto at = outcome.find(name);
    if (at != outcome.end() && at->is_string() &&
        at->get_ref<const std::string&>().find(text) != std::string::npos)
      return true;
  }
  return false;
}

bool fits(const Json& outcome, const Call& call) {
  const auto& text = call.text("text");
  const auto time = outcome.value("time", "");
  const auto tls = outcome.value("tls", "");
  if (!text.empty() && !holds(outcome, text)) return false;
  if (!call.text("result").empty() && outcome.value("result", "") != call.text("result")) return false;
  if (call.text("tls") == "none" && !tls.empty()) return false;
  if (call.text("tls") == "any" && tls.empty()) return false;
  if (call.text("tls").starts_with("TLS") && tls != call.text("tls")) return false;
  if (!call.text("policy").empty() && protection_of(outcome) != call.text("policy")) return false;
  if (!call.text("since").empty() && time < call.text("since")) return false;
  if (!call.text("until").empty() && time > call.text("until")) return false;
  return call.text("before").empty() || time < call.text("before");
}

// Newest first, one row for each message.
Json search_remembered(Call& call) {
  const auto most = most_of(call, 100);
  std::map<std::string, std::size_t> rows;
  Json list = Json::array();
  bool more = false;
  const auto all = call.rooms.figures.outcomes();
  for (const auto& one : all) {
    const auto id = one.value("id", "");
    if (one.value("result", "") == "session" || !fits(one, call)) continue;
    if (!id.empty() && rows.contains(id)) {
      list[rows[id]]["time"] = one.value("time", "");
      continue;
    }
    if ((more = list.size() >= most)) break;
    if (!id.empty()) rows[id] = list.size();
    list.push_back(one);
    list.back()["last"] = one.value("time", "");
  }
  Json json{{"messages", list}, {"more", more}, {"next_before", nullptr}};
  if (more) json["next_before"] = list.back()["time"];
  json["kept_since"] = all.empty() ? Json() : Json(all.back().value("time", ""));
  return json;
}

Json question_of(const Call& call, const char* command) {
  Json question{{"command", command}};
  for (const auto& [name, value] : call.parameters) question[name] = value;
  return question;
}

bool is_missing(const Problem& problem) {
  return problem.type == "not_available";
}

Response search(Call& call) {
  try {
    return json_response(call.ask(question_of(call, "messages.search")));
  } catch (const Problem& problem) {
    if (!is_missing(problem)) throw;
  }
  return json_response(search_remembered(call));
}

std::string plain(const std::vector<Json>& events) {
  const auto& last = events.back();
  const auto result = last.value("result", "");
  const auto where = last.value("host", last.value("peer", ""));
  const auto words = last.value("reply", "");
  if (result == "delivered") return "delivered to " + where + (words.empty() ? "" : ": " + words);
  if (result == "deferred") return "not delivered yet; it is tried again. " + where + " said: " + words;
  if (result == "bounced") return "given back to the sender. The last word was: " + words;
  if (result == "refused") return "refused when it came in: " + words;
  return "accepted and waiting to be delivered";
}

Response trace(Call& call) {
  auto id = call.text("id");
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  id = std::string(16 - std::min<std::size_t>(id.size(), 16), '0') + id;
  std::vector<Json> events;
  try {
    auto answer = call.ask({{"command", "messages.trace"}, {"id", id}});
    for (const auto& one : answer.value("events", Json::array())) events.push_back(one);
  } catch (const Problem& problem) {
    if (!is_missing(problem)) throw;
    for (const auto& one : call.rooms.figures.outcomes()) {
      if (one.value("id", "") == id) events.push_back(one);
    }
    std::reverse(events.begin(), events.end());
  }
  if (events.empty()) throw unknown("the log says nothing about this message");
  return json_response({{"id", id}, {"events", events}, {"plain", plain(events)}});
}

constexpr HandlerRow kRows[] = {{"searchMessages", search}, {"traceMessage", trace}};

}  // namespace

std::span<const HandlerRow> message_handlers() {
  return kRows;
}

}  // namespace postern::admin
