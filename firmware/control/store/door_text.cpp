// What the door says about settings: see the header.
#include "firmware/control/store/door_text.hpp"

#include <limits>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control {

using Json = nlohmann::ordered_json;

namespace {

// A limit in the setting's own notation.
Json limit(const ipc::Setting& setting, std::uint64_t value) {
  if (setting.type == ipc::Type::size) return ipc::print_size(value);
  if (setting.type == ipc::Type::duration)
    return ipc::print_duration(Duration{static_cast<Duration::rep>(value)});
  return std::to_string(value);
}

}  // namespace

Json error_json(const Refusal& refusal) {
  Json json{{"error", refusal.text}};
  if (!refusal.faults.empty()) json["faults"] = faults_json(refusal.faults);
  return json;
}

Json error_json(std::string text) {
  return {{"error", std::move(text)}};
}

Json values_json(const ipc::SettingValues& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = shown(name, value);
  return json;
}

Json changes_json(const std::vector<Change>& changes) {
  Json list = Json::array();
  for (const auto& change : changes) {
    list.push_back({{"name", change.name},
                    {"before", change.was_set ? Json(change.before) : Json()},
                    {"after", change.is_set ? Json(change.after) : Json()}});
  }
  return list;
}

Json changes_json(const Taken<std::size_t>& done) {
  if (!done) return error_json(done.error());
  return {{"changes", *done}, {"faults", Json::array()}};
}

Json faults_json(const std::vector<ipc::SettingFault>& faults) {
  Json list = Json::array();
  for (const auto& fault : faults)
    list.push_back({{"name", fault.name},
                    {"text", ipc::text_of(fault)},
                    {"wrong", fault.wrong},
                    {"right", fault.right}});
  return list;
}

Json schema_json() {
  Json list = Json::array();
  for (const auto& setting : ipc::settings_schema()) {
    const bool any = setting.most == std::numeric_limits<std::uint64_t>::max();
    Json choices = Json::array();
    for (const auto choice : ipc::split_list(setting.choices, '|')) choices.push_back(choice);
    list.push_back({{"name", setting.name},
                    {"type", ipc::type_word(setting.type)},
                    {"list", setting.list},
                    {"default", setting.fallback},
                    {"least", any ? Json("") : limit(setting, setting.least)},
                    {"most", any ? Json("") : limit(setting, setting.most)},
                    {"choices", std::move(choices)},
                    {"unit", setting.unit},
                    {"takes", setting.takes == ipc::Takes::live ? "live" : "restart"},
                    {"help", setting.help},
                    {"what_fits", ipc::what_fits(setting)},
                    {"who", ipc::who_word(setting.who)},
                    {"secret", setting.secret},
                    {"group", ipc::group_of(setting.name)}});
  }
  return {{"settings", std::move(list)}};
}

}  // namespace postern::control
