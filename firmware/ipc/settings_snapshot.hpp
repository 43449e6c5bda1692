// One generation of the settings as the control plane hands it over: flat name and value pairs in one block.
//
//   "PSTS" | version 32 | generation 64 | pairs 32 | pairs: name (length 32, text), value (length 32, text)
//
// Names are known, ascending and unique, and every value is right: read() checks all of it, so the getters
// below cannot fail. A getter with a name or type that the schema does not have is a mistake of the program
// and aborts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/ipc/settings_check.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::ipc {

inline constexpr std::uint32_t kSnapshotVersion = 1;
inline constexpr std::size_t kMostSnapshotBytes = 256u << 20;

std::vector<std::uint8_t> write_snapshot(std::uint64_t generation, const SettingValues& values);

class SettingsView {
 public:
  // All defaults, generation 0.
  SettingsView() = default;
  SettingsView(std::uint64_t generation, SettingValues values)
      : generation_(generation), values_(std::move(values)) {}
  static Result<SettingsView> read(Bytes snapshot);

  std::uint64_t generation() const { return generation_; }
  const SettingValues& values() const { return values_; }
  bool is_set(std::string_view name) const { return values_.find(name) != values_.end(); }

  bool boolean(std::string_view name) const;
  // Of integers and sizes.
  std::uint64_t number(std::string_view name) const;
  Duration duration(std::string_view name) const;
  // Of everything that is text: domains, paths, enumerations.
  std::string_view text(std::string_view name) const;
  std::vector<std::string_view> list(std::string_view name) const;
  std::vector<std::uint16_t> ports(std::string_view name) const;
  std::vector<wire::Prefix> prefixes(std::string_view name) const;
  // Elements of a list of host:port that are addresses; names are resolved by the control plane.
  std::vector<wire::Endpoint> endpoints(std::string_view name) const;

 private:
  std::uint64_t generation_ = 0;
  SettingValues values_;
};

}  // namespace postern::ipc
