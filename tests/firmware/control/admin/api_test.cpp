// The API's document, its checks, and what becomes of each operation.
#include <algorithm>
#include <set>

#include "firmware/control/admin/api/call.hpp"
#include "firmware/control/admin/api/format.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern::admin;

namespace {

FieldFaults faults_of(const char* schema, const char* value) {
  const Json none = Json::object();
  FieldFaults faults;
  SchemaCheck(none).check(Json::parse(schema), Json::parse(value), "", faults);
  return faults;
}

void look_at_words(const Json& schema, std::set<std::string>& words) {
  for (const auto& [word, value] : schema.items()) {
    words.insert(word);
    if (word == "properties") {
      for (const auto& [name, one] : value.items()) look_at_words(one, words);
    } else if ((word == "items" || word == "additionalProperties") && value.is_object()) {
      look_at_words(value, words);
    } else if (word == "format") {
      CHECK_TEXT(known_format(value.get<std::string>()), value.dump().c_str());
    }
  }
}

}  // namespace

TEST_GROUP(AdminDocument) {
  Document document;
};

TEST(AdminDocument, EveryOperationHasAHandlerAndEveryHandlerAnOperation) {
  std::set<std::string> written;
  for (const auto& operation : document.operations())
    CHECK_TEXT(written.insert(operation.id).second, operation.id.c_str());
  std::set<std::string> made;
  for (const auto& name : handled_operations()) CHECK_TEXT(made.insert(name).second, name.c_str());
  for (const auto& name : written) CHECK_TEXT(made.contains(name), ("no handler for " + name).c_str());
  for (const auto& name : made) CHECK_TEXT(written.contains(name), ("no operation " + name).c_str());
}

TEST(AdminDocument, EveryWordOfASchemaOfABodyIsObeyed) {
  std::set<std::string> words;
  for (const auto& operation : document.operations()) {
    if (operation.body != nullptr) look_at_words(*operation.body, words);
    if (operation.parameters == nullptr) continue;
    for (const auto& row : *operation.parameters) look_at_words(row.at("schema"), words);
  }
  const auto known = known_words();
  for (const auto& word : words)
    CHECK_TEXT(std::find(known.begin(), known.end(), word) != known.end(), word.c_str());
}

TEST(AdminDocument, EveryBodyIsClosedAndEveryTextInItHasAnEnd) {
  for (const auto& operation : document.operations()) {
    if (operation.body == nullptr) continue;
    CHECK_TEXT(operation.body->value("additionalProperties", Json(true)) == Json(false),
               operation.id.c_str());
    for (const auto& [name, field] : (*operation.body)["properties"].items()) {
      if (field.value("type", Json()) != "string") continue;
      const bool ends = field.contains("maxLength") || field.contains("enum") || field.contains("pattern");
      CHECK_TEXT(ends, (operation.id + "." + name).c_str());
    }
  }
}

TEST(AdminDocument, WhatChangesUsersKeysAndTheSystemNeedsStepUpOrARole) {
  for (const auto& operation : document.operations()) {
    if (!operation.unsafe()) continue;
    CHECK_TEXT(!operation.roles.empty(), operation.id.c_str());
    CHECK_TEXT(!operation.allows("auditor") || operation.id == "checkPolicy" ||
                   operation.id == "checkDomain" || operation.id == "cancelJob",
               operation.id.c_str());
    const bool heavy = operation.scope == "users" || operation.scope == "keys";
    CHECK_TEXT(!heavy || operation.step_up, operation.id.c_str());
  }
}

TEST(AdminDocument, APathIsFoundWithItsParameters) {
  const auto match = document.find("PUT", "/api/v1/settings/candidate/host_name");
  STRCMP_EQUAL("setSetting", match.operation->id.c_str());
  STRCMP_EQUAL("host_name", match.parameters.at("name").c_str());
  CHECK(document.find("POST", "/api/v1/settings/candidate/host_name").operation == nullptr);
  CHECK(document.find("POST", "/api/v1/settings/candidate/host_name").other_method);
  CHECK(document.find("GET", "/api/v1/nothing").operation == nullptr);
  CHECK(document.find("GET", "/api/v1/users/").operation == nullptr);
  STRCMP_EQUAL("listSentReports", document.find("GET", "/api/v1/reports/tls/sent").operation->id.c_str());
}

TEST(AdminDocument, ABodyIsHeldAgainstItsSchema) {
  const auto& login = *document.find("POST", "/api/v1/session/login").operation;
  STRCMP_EQUAL("anna", document.body(login, "application/json", R"({"user":"anna","password":"x"})")["user"]
                           .get<std::string>()
                           .c_str());
  try {
    document.body(login, "application/json", R"({"user":7,"extra":1})");
    FAIL("taken");
  } catch (const Problem& problem) {
    LONGS_EQUAL(400, problem.status);
    LONGS_EQUAL(3, problem.faults.size());
  }
  CHECK_THROWS(Problem, document.body(login, "text/plain", "{}"));
  CHECK_THROWS(Problem, document.body(login, "application/json", "{"));
  CHECK_THROWS(Problem, document.body(login, "application/json", std::string(100000, '[')));
}

TEST(AdminDocument, AParameterThatNobodyKnowsIsAFault) {
  const auto match = document.find("GET", "/api/v1/settings/history");
  CHECK(document.parameters(match, {{"most", "7"}}).at("most") == 7);
  CHECK_THROWS(Problem, document.parameters(match, {{"most", "many"}}));
  CHECK_THROWS(Problem, document.parameters(match, {{"most", "0"}}));
  CHECK_THROWS(Problem, document.parameters(match, {{"other", "1"}}));
}

TEST_GROUP(AdminSchemaCheck){};

TEST(AdminSchemaCheck, EachFieldGetsItsOwnMessage) {
  const auto faults = faults_of(
      R"({"type":"object","required":["a"],"additionalProperties":false,"properties":{"a":{"type":"string","maxLength":3},
         "b":{"type":"array","items":{"type":"integer","minimum":1,"maximum":5}}}})",
      R"({"a":"four","b":[1,9,"x"],"c":true})");
  LONGS_EQUAL(4, faults.size());
  STRCMP_EQUAL("a", faults[0].field.c_str());
  STRCMP_EQUAL("b.1", faults[1].field.c_str());
  STRCMP_EQUAL("should be from 1 to 5", faults[1].text.c_str());
  STRCMP_EQUAL("b.2", faults[2].field.c_str());
  STRCMP_EQUAL("should be a whole number", faults[2].text.c_str());
  STRCMP_EQUAL("c", faults[3].field.c_str());
}

TEST(AdminSchemaCheck, LengthIsCountedInCharacters) {
  LONGS_EQUAL(0, faults_of(R"({"type":"string","maxLength":3})", R"("äöü")").size());
  LONGS_EQUAL(1, faults_of(R"({"type":"string","maxLength":3})", R"("äöüß")").size());
  LONGS_EQUAL(1, faults_of(R"({"type":"string","minLength":1})", R"("")").size());
}

TEST(AdminSchemaCheck, APatternIsNotTriedOnEndlessText) {
  const std::string text = "\"" + std::string(500000, 'a') + "\"";
  LONGS_EQUAL(1, faults_of(R"({"type":"string","pattern":"^(a|b)*$"})", text.c_str()).size());
}

TEST(AdminSchemaCheck, FaultsAreCountedNotCollectedWithoutEnd) {
  std::string many = "[0";
  for (int i = 0; i < 10000; ++i) many += ",0";
  CHECK(faults_of(R"({"type":"array","items":{"type":"string"}})", (many + "]").c_str()).size() <= 100);
}

TEST(AdminSchemaCheck, FormatsKnowWhatFits) {
  CHECK(fits_format("domain", "example.org"));
  CHECK(!fits_format("domain", "ex ample"));
  CHECK(fits_format("ip-prefix", "2001:db8::1/64"));
  CHECK(!fits_format("ip-prefix", "192.0.2.1/33"));
  CHECK(fits_format("date-time", "2026-12-31T23:59:59Z"));
  CHECK(fits_format("date-time", "2026-12-31T23:59:59.123Z"));
  CHECK(!fits_format("date-time", "2026-02-30T00:00:00Z"));
  CHECK(!fits_format("date-time", "yesterday"));
  CHECK(fits_format("base64", "aGVsbG8="));
  CHECK(!fits_format("base64", "a"));
  CHECK(!fits_format("uri", "javascript:alert(1)"));
}
