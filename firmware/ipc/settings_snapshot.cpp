// One generation of the settings as it is handed over: see the header.
#include "firmware/ipc/settings_snapshot.hpp"

#include <cassert>
#include <cstdlib>

#include "firmware/ipc/codec.hpp"

namespace postern::ipc {

namespace {

constexpr std::uint32_t kMagic = 0x50535453;  // "PSTS"

const Setting& row(std::string_view name) {
  const auto* setting = find_setting(name);
  if (setting == nullptr) std::abort();
  return *setting;
}

template <typename T>
T need(std::optional<T> value) {
  if (!value) std::abort();
  return *value;
}

}  // namespace

std::vector<std::uint8_t> write_snapshot(std::uint64_t generation, const SettingValues& values) {
  Writer writer;
  writer.number(kMagic);
  writer.number(kSnapshotVersion);
  writer.number(generation);
  writer.number(static_cast<std::uint32_t>(values.size()));
  for (const auto& [name, value] : values) {
    writer.text(name);
    writer.text(value);
  }
  return writer.take();
}

Result<SettingsView> SettingsView::read(Bytes snapshot) {
  Reader reader(snapshot);
  if (reader.number<std::uint32_t>() != kMagic) return fail("the settings do not begin as settings do");
  if (reader.number<std::uint32_t>() != kSnapshotVersion) {
    return fail("the settings are of another version: control and data plane do not belong together");
  }
  SettingsView view;
  view.generation_ = reader.number<std::uint64_t>();
  const auto pairs = reader.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < pairs && !reader.failed(); ++i) {
    const auto name = reader.text(kMostNameBytes);
    const auto value = reader.text(kMostValueBytes);
    if (reader.failed()) break;
    if (!view.values_.empty() && name <= view.values_.rbegin()->first) {
      return fail("the settings are not in ascending order");
    }
    const auto* setting = find_setting(name);
    if (setting == nullptr) return fail("the settings hold an unknown name");
    if (!wrong_with(*setting, value).empty()) return fail("the settings hold a value that is not right");
    view.values_.emplace_hint(view.values_.end(), name, value);
  }
  if (!reader.complete()) return fail("the settings are cut short or too long");
  return view;
}

std::string_view SettingsView::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() ? std::string_view(found->second) : row(name).fallback;
}

bool SettingsView::boolean(std::string_view name) const {
  return need(read_boolean(text(name)));
}

std::uint64_t SettingsView::number(std::string_view name) const {
  return row(name).type == Type::size ? need(read_size(text(name))) : need(read_integer(text(name)));
}

Duration SettingsView::duration(std::string_view name) const {
  return need(read_duration(text(name)));
}

std::vector<std::string_view> SettingsView::list(std::string_view name) const {
  return split_list(text(name));
}

std::vector<std::uint16_t> SettingsView::ports(std::string_view name) const {
  std::vector<std::uint16_t> ports;
  for (const auto element : list(name))
    ports.push_back(static_cast<std::uint16_t>(need(read_integer(element))));
  return ports;
}

std::vector<wire::Prefix> SettingsView::prefixes(std::string_view name) const {
  std::vector<wire::Prefix> prefixes;
  for (const auto element : list(name)) {
    if (const auto prefix = wire::Prefix::parse(element)) prefixes.push_back(*prefix);
  }
  return prefixes;
}

std::vector<wire::Endpoint> SettingsView::endpoints(std::string_view name) const {
  std::vector<wire::Endpoint> endpoints;
  for (const auto element : list(name)) {
    const auto host = read_host_port(element, 25);
    if (!host) continue;
    if (const auto endpoint = host->endpoint()) endpoints.push_back(*endpoint);
  }
  return endpoints;
}

}  // namespace postern::ipc
