// Which setting fills which field of an engine, where name and field say the same: one row each.
#pragma once

#include <span>
#include <string_view>

#include "firmware/ipc/settings_snapshot.hpp"
#include "firmware/shard/settings.hpp"

namespace postern::dataplane {

void apply_fields(const ipc::SettingsView& view, shard::Settings& settings);
// The names in the tables, for the test that every setting arrives somewhere.
std::vector<std::string_view> field_names();

}  // namespace postern::dataplane
