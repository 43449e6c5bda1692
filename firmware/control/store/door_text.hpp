// What the door says about settings, as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "firmware/control/store/store.hpp"

namespace postern::control {

// Every row of the table, for faces that make forms and help of it.
nlohmann::ordered_json schema_json();
nlohmann::ordered_json faults_json(const std::vector<ipc::SettingFault>& faults);
nlohmann::ordered_json error_json(const Refusal& refusal);
nlohmann::ordered_json error_json(std::string text);
// As they may be shown: no secret in clear.
nlohmann::ordered_json values_json(const ipc::SettingValues& values);
nlohmann::ordered_json changes_json(const std::vector<Change>& changes);
nlohmann::ordered_json changes_json(const Taken<std::size_t>& done);

}  // namespace postern::control
