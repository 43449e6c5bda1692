// The verb reports.ingest of the door: a TLS report of others that came by https (RFC 8460 §3).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace postern::control {

// {"data": base64 of the bytes as they came} -> {"taken": bytes}. That it is a report is found out later.
nlohmann::ordered_json ingest_answer(const nlohmann::json& question, const std::string& directory);

}  // namespace postern::control
