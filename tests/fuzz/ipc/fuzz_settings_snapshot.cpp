// The settings snapshot: whatever is read can be asked for everything, and is written back as it was.
#include <cstdlib>

#include "firmware/ipc/settings_snapshot.hpp"

using namespace postern;

namespace {

void ask(const ipc::SettingsView& view, const ipc::Setting& setting) {
  if (setting.list || setting.fallback.empty()) {
    for (const auto element : view.list(setting.name)) (void)element.size();
    return;
  }
  switch (setting.type) {
    case ipc::Type::boolean:
      (void)view.boolean(setting.name);
      break;
    case ipc::Type::integer:
    case ipc::Type::size:
      (void)view.number(setting.name);
      break;
    case ipc::Type::duration:
      (void)view.duration(setting.name);
      break;
    default:
      (void)view.text(setting.name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto view = ipc::SettingsView::read({data, size});
  if (!view) return 0;
  for (const auto& setting : ipc::settings_schema()) ask(*view, setting);
  (void)view->ports("listen.smtp");
  (void)view->endpoints("office.servers");
  (void)view->prefixes("interface.wan.addresses");
  const auto again = ipc::write_snapshot(view->generation(), view->values());
  if (again.size() != size || std::memcmp(again.data(), data, size) != 0) std::abort();
  return 0;
}
