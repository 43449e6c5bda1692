// TLS reports at control's door: see the header.
#include "firmware/control/service/reports_door.hpp"

#include <unistd.h>

#include <algorithm>

#include "firmware/control/reporter/store/reports_json.hpp"

namespace postern::control {

namespace {

using Json = nlohmann::ordered_json;
using reporter::Store;

constexpr std::size_t kMost = 1000;

std::size_t most_of(const nlohmann::json& question) {
  return std::min(question.value("most", std::size_t{100}), kMost);
}

Json received(Store& store, const nlohmann::json& question) {
  const auto domain = question.value("domain", std::string());
  Json list = Json::array();
  for (const auto& entry : store.received(most_of(question))) {
    if (domain.empty() || entry.domains.find(domain) != std::string::npos)
      list.push_back(reporter::received_json(entry));
  }
  return {{"reports", std::move(list)}};
}

Json sent(Store& store, const nlohmann::json& question) {
  Json list = Json::array();
  for (const auto& state : store.sent(most_of(question))) list.push_back(reporter::sent_json(state));
  return {{"reports", std::move(list)}};
}

Json show(Store& store, const nlohmann::json& question) {
  const auto number = question.at("number").get<std::int64_t>();
  const auto read = store.received_report(number);
  if (!read) return {{"error", "there is no report " + std::to_string(number)}};
  return reporter::report_json(read->report);
}

Json nothing(const nlohmann::json& question) {
  if (question.value("command", std::string()) == "reports.show")
    return {{"error", "there is no report yet"}};
  return {{"reports", Json::array()}};
}

}  // namespace

std::optional<Json> answer_about_reports(const nlohmann::json& question, const std::string& database) {
  const auto command = question.value("command", std::string());
  const auto about = command == "reports.received" ? received
                     : command == "reports.sent"   ? sent
                     : command == "reports.show"   ? show
                                                   : nullptr;
  if (about == nullptr) return std::nullopt;
  if (::access(database.c_str(), F_OK) != 0) return nothing(question);
  try {
    Store store(database, reporter::Database::Access::read);
    return about(store, question);
  } catch (const reporter::DatabaseError& error) {
    return Json{{"error", error.what()}};
  }
}

}  // namespace postern::control
