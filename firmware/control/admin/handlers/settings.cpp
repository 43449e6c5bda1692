// Settings: the verbs settings.* of control's door, one operation each.
#include <mutex>
#include <set>

#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

// Names whose values are never written down; asked for once.
bool is_secret(Call& call, const std::string& name) {
  static std::mutex mutex;
  static std::set<std::string> secrets;
  static bool known = false;
  const std::lock_guard lock(mutex);
  if (!known) {
    const auto schema = call.ask({{"command", "settings.schema"}});
    for (const auto& row : schema.value("settings", Json::array())) {
      if (row.value("secret", false)) secrets.insert(row.value("name", ""));
    }
    known = true;
  }
  return secrets.contains(name);
}

Json with_faults(Json answer) {
  if (const auto faults = answer.find("faults"); faults != answer.end()) *faults = setting_faults(*faults);
  return answer;
}

Response forward(Call& call, Json question) {
  return json_response(with_faults(call.ask(std::move(question))));
}

Response done(Call& call, Json question) {
  auto answer = call.ask(std::move(question));
  answer["done"] = true;
  return json_response(answer);
}

// "running", "candidate", or a number as a number.
Json generation_of(const std::string& text) {
  const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (!number || text.size() > 15) return text;
  return std::stoull(text);
}

Response schema(Call& call) {
  return forward(call, {{"command", "settings.schema"}});
}

Response state(Call& call) {
  return forward(call, {{"command", "settings.state"}});
}

Response values(Call& call) {
  return forward(call, {{"command", "settings.show"}, {"of", generation_of(call.text("of"))}});
}

Response set(Call& call) {
  const auto& name = call.text("name");
  const auto value = call.body.at("value");
  if (is_secret(call, name)) call.body["value"] = "(secret)";
  return forward(call, {{"command", "settings.set"}, {"name", name}, {"value", value}});
}

Response erase(Call& call) {
  return forward(call, {{"command", "settings.delete"}, {"name", call.text("name")}});
}

Response discard(Call& call) {
  return done(call, {{"command", "settings.discard"}});
}

Response lock(Call& call) {
  return done(call, {{"command", "settings.lock"}, {"on", call.body.at("on")}});
}

Response compare(Call& call) {
  Json question{{"command", "settings.compare"}};
  for (const auto* name : {"from", "to"}) {
    if (!call.text(name).empty()) question[name] = generation_of(call.text(name));
  }
  return forward(call, std::move(question));
}

Response check(Call& call) {
  call.silent = true;
  return forward(call, {{"command", "settings.check"}});
}

Response commit(Call& call) {
  Json question{{"command", "settings.commit"}, {"comment", call.body.value("comment", "")}};
  if (const auto minutes = call.body.value("confirm_minutes", 0); minutes != 0)
    question["confirm_minutes"] = minutes;
  const auto answer = call.ask(std::move(question));
  call.subject = "generation " + answer.value("generation", Json(0)).dump();
  return json_response(with_faults(answer));
}

Response confirm(Call& call) {
  return done(call, {{"command", "settings.confirm"}});
}

Response history(Call& call) {
  return forward(call, {{"command", "settings.history"}, {"most", most_of(call, 100)}});
}

Response rollback(Call& call) {
  return forward(call, {{"command", "settings.rollback"}, {"generation", call.body.at("generation")}});
}

Response rescue(Call& call) {
  return done(call, {{"command", "settings.rescue"}, {"do", call.body.at("do")}});
}

Response export_all(Call& call) {
  return forward(call, {{"command", "settings.export"},
                        {"passphrase", call.body.at("passphrase")},
                        {"secrets", call.body.value("secrets", false)}});
}

Response import_all(Call& call) {
  return forward(call, {{"command", "settings.import"},
                        {"passphrase", call.body.at("passphrase")},
                        {"file", call.body.at("file")}});
}

constexpr HandlerRow kRows[] = {
    {"getSettingsSchema", schema},  {"getSettingsState", state},
    {"getSettings", values},        {"setSetting", set},
    {"deleteSetting", erase},       {"discardCandidate", discard},
    {"lockSettings", lock},         {"compareSettings", compare},
    {"checkSettings", check},       {"commitSettings", commit},
    {"confirmSettings", confirm},   {"getHistory", history},
    {"rollbackSettings", rollback}, {"rescueSettings", rescue},
    {"exportSettings", export_all}, {"importSettings", import_all},
    {"makeBackup", export_all},
};

}  // namespace

std::span<const HandlerRow> settings_handlers() {
  return kRows;
}

}  // namespace postern::admin
