// The queue: the verbs queue.* of control's door.
#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

// The filters of the query, as the door names them.
Json filter_of(const Call& call) {
  Json filter = Json::object();
  for (const auto* name : {"domain", "sender", "recipient", "state", "reason", "older"}) {
    if (!call.text(name).empty()) filter[name] = call.text(name);
  }
  return filter;
}

Response list(Call& call) {
  auto question = filter_of(call);
  question["command"] = "queue.list";
  question["most"] = most_of(call, 200);
  if (!call.text("after").empty()) question["after"] = call.text("after");
  return json_response(call.ask(std::move(question)));
}

Response groups(Call& call) {
  auto question = filter_of(call);
  question["command"] = "queue.groups";
  question["by"] = call.text("by").empty() ? "domain" : call.text("by");
  return json_response(call.ask(std::move(question)));
}

Response show(Call& call) {
  auto answer = call.ask({{"command", "queue.show"}, {"id", call.text("id")}});
  return json_response(answer.contains("message") ? answer["message"] : answer);
}

// Without a filter it has to be said that all are meant.
Response act(Call& call) {
  auto question = call.body;
  const auto action = question.at("action").get<std::string>();
  bool filtered = question.contains("ids");
  for (const auto* name : {"domain", "sender", "recipient", "reason", "older"})
    filtered |= question.contains(name);
  if (!filtered && !question.value("all", false))
    throw faulty("ids", "say which messages, by their ids or a filter; or all = true");
  if (action == "reroute" && !question.contains("to")) throw faulty("to", "is missing: where to?");
  question["command"] = "queue." + action;
  question.erase("action");
  call.silent = question.value("dry_run", false);
  call.subject = action;
  auto answer = call.ask(std::move(question));
  answer["dry_run"] = call.silent;
  return json_response(answer);
}

constexpr HandlerRow kRows[] = {
    {"listQueue", list}, {"groupQueue", groups}, {"getQueued", show}, {"actOnQueue", act}};

}  // namespace

std::span<const HandlerRow> queue_handlers() {
  return kRows;
}

}  // namespace postern::admin
