// The queue: the verbs queue.* of control's door.
#include "firmware/control/admin/handlers/parts.hpp"
#include "firmware/control/admin/lookup/looker.hpp"
#include "firmware/ipc/settings_value.hpp"

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

// The queue keeps addresses: a name is looked up here, when a person says it.
std::string route_of(Call& call, const std::string& to) {
  const auto place = ipc::read_host_port(to, 25);
  if (to == "domain" || (place && place->endpoint())) return to;
  if (!place) throw faulty("to", "has to be a name or an address, with or without a port");
  auto found = *place;
  found.host = call.rooms.looker.address_of(place->host);
  return found.text();
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
  if (action == "reroute") question["to"] = route_of(call, question["to"].get<std::string>());
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
