// What must fit together about the network; part of check_settings().
#pragma once

#include <vector>

#include "firmware/ipc/settings_check.hpp"

namespace postern::ipc {

std::vector<SettingFault> check_network(const SettingValues& values);

}  // namespace postern::ipc
