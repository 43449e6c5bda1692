// Settings carried away and brought back: the verbs settings.export and settings.import.
#pragma once

#include <nlohmann/json.hpp>

#include "firmware/control/store/store.hpp"

namespace postern::control {

nlohmann::ordered_json export_settings(const Store& store, const nlohmann::json& question, const Actor& actor,
                                       Now now);
// Into the candidate; nothing is in force before it is committed.
nlohmann::ordered_json import_settings(Store& store, const nlohmann::json& question, const Actor& actor,
                                       Now now);

}  // namespace postern::control
