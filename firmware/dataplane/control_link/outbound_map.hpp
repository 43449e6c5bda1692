// What the published settings mean for mail that goes out: who may send, and rules for single domains.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "firmware/ipc/settings_snapshot.hpp"
#include "firmware/shard/settings.hpp"
#include "platform/base/result.hpp"

namespace postern::dataplane {

// A user of the setting submission.users, "NAME HASH".
struct User {
  std::string name;
  std::string hash;
};
Result<User, Fault> read_user(std::string_view text);

// Those of the setting that can be read; map_outbound has refused it where one cannot.
std::map<std::string, std::string, std::less<>> read_users(const ipc::SettingsView& view);

Result<void, Fault> map_outbound(const ipc::SettingsView& view, shard::Settings& settings);

}  // namespace postern::dataplane
