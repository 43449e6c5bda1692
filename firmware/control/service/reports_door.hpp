// TLS reports at control's door, read from the reporter's database; nothing in it is changed here.
//
//   reports.received {most?, domain?}   -> {reports: [...]}, newest first
//   reports.sent {most?}                -> {reports: [...]}: planned, sent, dropped
//   reports.show {number}               -> one report that came in
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace postern::control {

// Nothing where the question is not about reports. A database that is not there yet holds none.
std::optional<nlohmann::ordered_json> answer_about_reports(const nlohmann::json& question,
                                                           const std::string& database);

}  // namespace postern::control
