// What the reporter is told: its settings as values.
#pragma once

#include <string>

#include "firmware/control/reporter/send/sender.hpp"
#include "firmware/control/resolver/lookup.hpp"
#include "firmware/ipc/settings_snapshot.hpp"

namespace postern::reporter {

struct ServiceOptions {
  std::string database;
  SenderSettings sender;
  resolver::LookupOptions lookup;
  bool allow_private = false;
};

// The settings the reporter gets to see.
bool is_reporter_setting(std::string_view name);
Result<ServiceOptions, Fault> service_options(const ipc::SettingsView& view);

}  // namespace postern::reporter
