// What the updater tells others, as JSON in files of the slots folder: status.json after each command,
// progress.json while it writes. The console and the web read them through control, which itself may not
// mount.
#pragma once

#include <nlohmann/json.hpp>

#include "firmware/control/update/install/install.hpp"

namespace postern::control::update {

using Json = nlohmann::ordered_json;

// {board, running, next, version, floor, last, confirm_seconds, slots: [{slot, condition, version, running}]}
Outcome<Json> status_json(Box& box, std::uint64_t now_seconds);
Json progress_json(const Progress& progress);
Json manifest_json(const Manifest& manifest);

// Whole or not at all; a folder in memory, so without a sync.
void write_json(const std::filesystem::path& file, const Json& json);
Json read_json(const std::filesystem::path& file);  // null where there is none

}  // namespace postern::control::update
