// The verbs settings.* at the door: what every face says and hears.
#include "firmware/control/store/door.hpp"
#include "firmware/control/store/memory_archive.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control;

using Json = nlohmann::ordered_json;

TEST_GROUP(SettingsDoor) {
  MemoryArchive archive;
  Store store{archive, [](const ipc::SettingValues&) { return std::vector<ipc::SettingFault>(); }};
  int changed = 0;
  SettingsDoor door{store, [this] { ++changed; },
                    [this] {
                      return Applied{{store.running().number, 0}, 0, {"tcp.time_wait"}, ""};
                    }};
  Actor anna{"anna", "web", ""};

  void setup() override {
    store.open(now(0));
  }

  static Now now(int minutes) {
    return {Instant(std::chrono::minutes(minutes)), WallTime(std::chrono::hours(480'000))};
  }

  Json ask(const char* question, int minutes = 0) {
    return door.answer(nlohmann::json::parse(question), anna, now(minutes)).value_or(Json());
  }
};

TEST(SettingsDoor, other_commands_are_not_its_own) {
  CHECK(!door.answer({{"command", "status"}}, anna, now(0)).has_value());
  CHECK(!door.answer({{"command", "settings.nonsense"}}, anna, now(0)).has_value());
}

TEST(SettingsDoor, the_schema_tells_what_a_form_needs) {
  const auto schema = ask(R"({"command": "settings.schema"})")["settings"];
  LONGS_EQUAL(ipc::settings_schema().size(), schema.size());
  for (const auto& row : schema) {
    if (row["name"] == "smtp.recipients") {
      STRCMP_EQUAL("integer", row["type"].get<std::string>().c_str());
      STRCMP_EQUAL("100", row["least"].get<std::string>().c_str());
      STRCMP_EQUAL("operator", row["who"].get<std::string>().c_str());
      STRCMP_EQUAL("smtp", row["group"].get<std::string>().c_str());
    }
    if (row["name"] == "submission.users") CHECK(row["secret"].get<bool>());
  }
}

TEST(SettingsDoor, values_come_as_text_number_truth_or_list) {
  LONGS_EQUAL(4,
              ask(R"({"command": "settings.set", "values": {"smtp.recipients": 500, "smtp.require_tls": false,
    "domains.served": ["a.example", "b.example"], "host_name": "gw.example"}})")["changes"]
                  .get<int>());
  const auto values = ask(R"({"command": "settings.show", "of": "candidate"})")["values"];
  STRCMP_EQUAL("500", values["smtp.recipients"].get<std::string>().c_str());
  STRCMP_EQUAL("a.example\nb.example", values["domains.served"].get<std::string>().c_str());
}

TEST(SettingsDoor, faults_name_the_setting_and_say_what_would_be_right) {
  const auto answer = ask(R"({"command": "settings.set", "name": "smtp.recipients", "value": "5"})");
  CHECK(answer.contains("error"));
  STRCMP_EQUAL("smtp.recipients", answer["faults"][0]["name"].get<std::string>().c_str());
  STRCMP_CONTAINS("from 100 to 100000", answer["faults"][0]["text"].get<std::string>().c_str());
}

TEST(SettingsDoor, a_commit_is_heard_of_and_can_be_confirmed) {
  ask(R"({"command": "settings.set", "name": "smtp.recipients", "value": "500"})");
  const auto done = ask(R"({"command": "settings.commit", "comment": "more", "confirm_minutes": 5})");
  LONGS_EQUAL(1, done["generation"].get<int>());
  LONGS_EQUAL(300, done["confirm_seconds"].get<int>());
  LONGS_EQUAL(1, changed);
  const auto state = ask(R"({"command": "settings.state"})", 2);
  LONGS_EQUAL(180, state["confirm"]["seconds"].get<int>());
  LONGS_EQUAL(1, state["applied"]["cores"][0].get<int>());
  LONGS_EQUAL(1, ask(R"({"command": "settings.confirm"})")["generation"].get<int>());
  CHECK(ask(R"({"command": "settings.state"})")["confirm"].is_null());
  STRCMP_EQUAL(
      "more",
      ask(R"({"command": "settings.history"})")["generations"][0]["comment"].get<std::string>().c_str());
}

TEST(SettingsDoor, secrets_go_in_and_never_come_out) {
  ask(R"({"command": "settings.set", "name": "submission.users", "value": ["anna $argon2id$one", "bert $argon2id$two"]})");
  const auto compared = ask(R"({"command": "settings.compare"})");
  CHECK(compared.dump().find("argon2id") == std::string::npos);
  ask(R"({"command": "settings.commit"})");
  const auto shown = ask(R"({"command": "settings.show"})");
  STRCMP_EQUAL("anna (set)\nbert (set)", shown["values"]["submission.users"].get<std::string>().c_str());
  // What a face sends back as it saw it keeps the secret; what is new replaces it.
  ask(R"x({"command": "settings.set", "name": "submission.users",
           "value": ["bert (set)", "carl $argon2id$three"]})x");
  ask(R"({"command": "settings.commit"})");
  STRCMP_EQUAL("bert $argon2id$two\ncarl $argon2id$three",
               store.running().values.at("submission.users").c_str());
  const auto wrong =
      ask(R"({"command": "settings.set", "name": "submission.users", "value": "hush\u0001hush"})");
  CHECK(wrong.contains("error"));
  CHECK(wrong.dump().find("hush") == std::string::npos);
}

TEST(SettingsDoor, an_export_comes_back_as_a_candidate_with_its_difference) {
  ask(R"({"command": "settings.set", "values": {"smtp.recipients": "500", "submission.users": "anna $argon2id$one"}})");
  ask(R"({"command": "settings.commit"})");
  auto file =
      ask(R"({"command": "settings.export", "passphrase": "correct horse"})")["file"].get<std::string>();
  ask(R"({"command": "settings.set", "name": "smtp.recipients", "value": "600"})");
  ask(R"({"command": "settings.commit"})");
  const nlohmann::json question{
      {"command", "settings.import"}, {"passphrase", "correct horse"}, {"file", file}};
  const auto answer = *door.answer(question, anna, now(0));
  LONGS_EQUAL(1, answer["changes"].size());
  STRCMP_EQUAL("500", answer["changes"][0]["after"].get<std::string>().c_str());
  STRCMP_EQUAL("600", store.running().values.at("smtp.recipients").c_str());
  STRCMP_EQUAL("500", store.candidate_values(anna).at("smtp.recipients").c_str());
  CHECK(store.candidate_values(anna).count("submission.users") == 1);
}

TEST(SettingsDoor, who_asks_is_believed_only_where_he_may_speak_for_others) {
  const nlohmann::json question{{"actor", {{"name", "anna"}, {"source", "web"}, {"role", "operator"}}}};
  STRCMP_EQUAL("anna", actor_of(question, 0, true).name.c_str());
  STRCMP_EQUAL("operator", actor_of(question, 0, true).role.c_str());
  STRCMP_EQUAL("user 1000", actor_of(question, 1000, false).name.c_str());
  STRCMP_EQUAL("root", actor_of({{"command", "x"}}, 0, true).name.c_str());
}

TEST(SettingsDoor, a_factory_reset_wants_to_be_sure) {
  CHECK(ask(R"({"command": "settings.factory_reset"})").contains("error"));
  CHECK(!ask(R"({"command": "settings.factory_reset", "sure": true})").contains("error"));
}
