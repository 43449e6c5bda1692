// TLS reports as JSON, for the command line, the web and the API.
#pragma once

#include <nlohmann/json.hpp>

#include "firmware/control/reporter/store/store.hpp"

namespace postern::reporter {

// "2026-11-22": the day that a time lies in, UTC.
std::string day_of(std::int64_t seconds);

nlohmann::ordered_json received_json(const ReceivedEntry& entry);
nlohmann::ordered_json report_json(const TlsReport& report);
nlohmann::ordered_json sent_json(const ReportState& state);

}  // namespace postern::reporter
