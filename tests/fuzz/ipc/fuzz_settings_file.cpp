// The settings file: no text brings control down, and what is usable is a snapshot that can be read.
#include <cstdlib>

#include "firmware/control/settings/settings_file.hpp"
#include "firmware/ipc/settings_snapshot.hpp"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = control::parse_settings({reinterpret_cast<const char*>(data), size});
  for (const auto& fault : loaded.faults) (void)control::text_of(fault, "f");
  if (loaded.usable() && !ipc::SettingsView::read(ipc::write_snapshot(1, loaded.values))) std::abort();
  return 0;
}
