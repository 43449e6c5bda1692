// Settings of an older table: see the header.
#include "firmware/control/store/migrations.hpp"

namespace postern::control {

std::span<const Migration> migrations() {
  return {};  // version 1 is the first that was ever written down
}

void migrate(ipc::SettingValues& values, std::uint32_t from, std::uint32_t to,
             std::span<const Migration> steps) {
  for (std::uint32_t version = from; version < to; ++version) {
    for (const auto& one : steps) {
      if (one.from == version) one.step(values);
    }
  }
}

std::vector<std::string> settle(Generation& generation) {
  migrate(generation.values, generation.schema, kSchemaVersion, migrations());
  std::vector<std::string> left_out;
  std::erase_if(generation.values, [&](const auto& entry) {
    const auto* setting = ipc::find_setting(entry.first);
    const bool wrong = setting == nullptr || !ipc::wrong_with(*setting, entry.second).empty();
    if (wrong) {
      left_out.push_back("generation " + std::to_string(generation.number) + ": " + entry.first +
                         (setting == nullptr ? " is not known to this version and was left out"
                                             : " does not fit this version and has its default"));
    }
    return wrong;
  });
  generation.schema = kSchemaVersion;
  return left_out;
}

}  // namespace postern::control
