// What the resolver process is told: its settings as values.
#pragma once

#include <string>

#include "firmware/control/resolver/lookup.hpp"
#include "firmware/ipc/settings_snapshot.hpp"

namespace postern::resolver {

struct ServiceOptions {
  LookupOptions lookup;
  std::string directory;
  std::size_t threads = 1;
  std::size_t domains = 100000;  // most remembered
  std::size_t lookups = 2000;    // most at once, per thread
};

// Faults name the setting.
Result<ServiceOptions, Fault> service_options(const ipc::SettingsView& view);

// "example.com 2026-12-31" or "example.com 2026-12-31T12:00:00Z"; UTC.
Result<NegativeAnchor, Fault> read_negative_anchor(std::string_view text);

}  // namespace postern::resolver
