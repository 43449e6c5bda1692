// Settings written for an older table, made fit for this one. Pure functions on values.
//
// A step leads from one version of the table to the next: it renames, splits or drops what the next one calls
// otherwise. What no step knows and this table does not know either is left out and told: after a step back
// to an older firmware the box runs with what both understand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "firmware/control/store/generation.hpp"

namespace postern::control {

// The version of the table in this program. It grows by one with each step below.
inline constexpr std::uint32_t kSchemaVersion = 1;

struct Migration {
  std::uint32_t from = 0;  // leads to from + 1
  void (*step)(ipc::SettingValues& values) = nullptr;
};

std::span<const Migration> migrations();

// Brings the values to `to` by the steps given.
void migrate(ipc::SettingValues& values, std::uint32_t from, std::uint32_t to,
             std::span<const Migration> steps);

// Brings a generation to this table; gives one line for each value that was left out.
std::vector<std::string> settle(Generation& generation);

}  // namespace postern::control
