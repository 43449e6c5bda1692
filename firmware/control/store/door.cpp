// The verbs settings.*: see the header.
#include "firmware/control/store/door.hpp"

#include <array>

#include "firmware/control/outcomes/outcome_text.hpp"
#include "firmware/control/store/carry.hpp"
#include "firmware/control/store/door_text.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control {

namespace {

using Json = nlohmann::ordered_json;
using Question = nlohmann::json;

constexpr std::size_t kMostComment = 1000;
constexpr std::size_t kMostHistory = 10000;

// A list may come as one, or joined as it is kept.
std::string value_of(const Question& value) {
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
  if (!value.is_array()) return value.get<std::string>();
  std::vector<std::string> elements;
  for (const auto& element : value) elements.push_back(value_of(element));
  return ipc::join_list(elements, std::string(1, ipc::kListSeparator));
}

}  // namespace

struct SettingsDoorVerbs {
  SettingsDoor& door;
  const Question& question;
  const Actor& actor;
  Now now;

  Store& store() const { return door.store_; }

  Taken<ipc::SettingValues> values(const Question& of) const {
    if (of.is_number_unsigned()) return store().values_of(of.get<std::uint64_t>());
    const auto word = of.get<std::string>();
    if (word == "running") return store().running().values;
    if (word == "candidate") return store().candidate_values(actor);
    if (const auto number = ipc::read_integer(word)) return store().values_of(*number);
    return tl::unexpected(
        Refusal{"'" + word + "' is neither running nor candidate nor the number of a generation", {}});
  }

  Json schema() { return schema_json(); }
  Json export_file() { return export_settings(store(), question, actor, now); }
  Json import_file() { return import_settings(store(), question, actor, now); }

  Json show() {
    const auto of = question.contains("of") ? question.at("of") : Question("running");
    const auto found = values(of);
    if (!found) return error_json(found.error());
    Json json{{"generation", store().running().number}, {"values", values_json(*found)}};
    if (of.is_number_unsigned()) json["generation"] = of;
    return json;
  }

  Json set() {
    ipc::SettingValues wanted;
    if (question.contains("values")) {
      for (const auto& [name, value] : question.at("values").items()) wanted[name] = value_of(value);
    } else {
      wanted[question.at("name").get<std::string>()] = value_of(question.at("value"));
    }
    return changes_json(store().set(actor, wanted, now));
  }

  Json erase() { return changes_json(store().erase(actor, question.at("name").get<std::string>(), now)); }

  Json discard() {
    store().discard(actor);
    return {{"changes", 0}};
  }

  Json compare() {
    const auto from = values(question.value("from", Question("running")));
    if (!from) return error_json(from.error());
    const auto to = values(question.value("to", Question("candidate")));
    if (!to) return error_json(to.error());
    return {{"changes", changes_json(control::compare(*from, *to))}};
  }

  Json lock() {
    const bool on = question.at("on").get<bool>();
    if (auto done = store().lock(actor, on, now); !done) return error_json(done.error());
    return {{"locked_by", on ? Json(actor.name) : Json()}};
  }

  Json check() {
    const auto checked = store().check(actor);
    std::vector<ipc::SettingFault> fatal;
    Json warnings = Json::array();
    for (const auto& fault : checked.faults) {
      if (fault.fatal) {
        fatal.push_back(fault);
      } else {
        warnings.push_back(ipc::text_of(fault));
      }
    }
    return {{"faults", faults_json(fatal)}, {"warnings", std::move(warnings)}, {"restart", checked.restart}};
  }

  Json done_with(const Taken<std::uint64_t>& number) {
    if (!number) return error_json(number.error());
    door.changed_();
    Json json{{"generation", *number}};
    if (const auto& pending = store().pending()) {
      json["confirm_until"] = time_text(pending->until_wall_ns);
      json["confirm_seconds"] = seconds_left(*pending);
    }
    json["waiting_for_restart"] = door.applied_().waiting_for_restart;
    return json;
  }

  Json commit() {
    Commit how{question.value("comment", std::string()), std::nullopt};
    if (how.comment.size() > kMostComment) return error_json("the comment is too long");
    if (question.contains("confirm_minutes") && !question.at("confirm_minutes").is_null())
      how.confirm_minutes = question.at("confirm_minutes").get<unsigned>();
    if (how.confirm_minutes == 0u) how.confirm_minutes.reset();
    return done_with(store().commit(actor, how, now));
  }

  Json confirm() {
    const auto number = store().confirm(actor);
    if (!number) return error_json(number.error());
    return {{"generation", *number}};
  }

  Json rollback() {
    return changes_json(store().rollback(actor, question.at("generation").get<std::uint64_t>(), now));
  }

  Json rescue() {
    const auto what = question.at("do").get<std::string>();
    if (what == "load") return changes_json(store().load_rescue(actor, now));
    if (what != "save") return error_json("rescue can be saved and loaded, not '" + what + "'");
    if (auto done = store().save_rescue(actor, now); !done) return error_json(done.error());
    return {{"done", true}, {"generation", store().running().number}};
  }

  Json factory_reset() {
    if (!question.value("sure", false))
      return error_json(
          "this sets everything to its default and forgets all generations; say that you are sure");
    return done_with(store().factory_reset(actor, now));
  }

  Json history() {
    Json list = Json::array();
    for (const auto& one :
         store().history(std::min(question.value("most", std::size_t{100}), kMostHistory))) {
      list.push_back({{"generation", one.number},
                      {"time", time_text(one.wall_ns)},
                      {"author", one.author},
                      {"source", one.source},
                      {"comment", one.comment},
                      {"changes", one.changed.size()},
                      {"changed", one.changed},
                      {"confirmed", one.confirmed}});
    }
    return {{"generations", std::move(list)}};
  }

  std::int64_t seconds_left(const Pending& pending) const {
    return std::max<std::int64_t>(
        0, std::chrono::ceil<std::chrono::seconds>(pending.until - now.instant).count());
  }

  Json state() {
    const auto applied = door.applied_();
    Json json{{"running", store().running().number},
              {"candidate_changes", store().candidate_size(actor)},
              {"locked_by", store().locked() ? Json(store().locked()->name) : Json()},
              {"confirm", nullptr},
              {"applied", {{"cores", applied.cores}, {"generation", applied.generation}}},
              {"waiting_for_restart", applied.waiting_for_restart},
              {"refused", applied.refused},
              {"announcements", Json::array()}};
    if (const auto& pending = store().pending()) {
      json["confirm"] = {{"until", time_text(pending->until_wall_ns)},
                         {"seconds", seconds_left(*pending)},
                         {"generation", pending->generation},
                         {"back_to", pending->back_to}};
    }
    for (const auto& one : store().announcements())
      json["announcements"].push_back({{"time", time_text(one.wall_ns)}, {"text", one.text}});
    return json;
  }
};

struct SettingsDoor::Verb {
  std::string_view command;
  Json (SettingsDoorVerbs::*run)();
};

std::optional<Json> SettingsDoor::answer(const nlohmann::json& question, const Actor& actor, Now now) {
  using V = SettingsDoorVerbs;
  static constexpr auto kVerbs = std::to_array<Verb>({
      {"settings.schema", &V::schema},
      {"settings.show", &V::show},
      {"settings.set", &V::set},
      {"settings.delete", &V::erase},
      {"settings.compare", &V::compare},
      {"settings.discard", &V::discard},
      {"settings.lock", &V::lock},
      {"settings.check", &V::check},
      {"settings.commit", &V::commit},
      {"settings.confirm", &V::confirm},
      {"settings.rollback", &V::rollback},
      {"settings.rescue", &V::rescue},
      {"settings.history", &V::history},
      {"settings.state", &V::state},
      {"settings.export", &V::export_file},
      {"settings.import", &V::import_file},
      {"settings.factory_reset", &V::factory_reset},
  });
  const auto command = question.value("command", std::string());
  for (const auto& verb : kVerbs) {
    if (verb.command == command) {
      V verbs{*this, question, actor, now};
      return (verbs.*verb.run)();
    }
  }
  return std::nullopt;
}

Actor actor_of(const nlohmann::json& question, unsigned uid, bool may_speak_for_others) {
  if (may_speak_for_others && question.contains("actor")) {
    const auto& given = question.at("actor");
    return {given.at("name").get<std::string>().substr(0, 128),
            given.value("source", std::string("api")).substr(0, 32), given.value("role", std::string())};
  }
  return {uid == 0 ? "root" : "user " + std::to_string(uid), "cli", ""};
}

}  // namespace postern::control
