// The one question the box asks by itself: its data is closed, who has the recovery key?
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "firmware/init/storage.hpp"

namespace postern::init {

// Asks on the line until the data is open, or until somebody wants all of it forgotten. `between` is called
// several times a second. Returns true where the data was opened, false after a reset.
bool unlock_by_hand(const std::string& device, const Storage& storage, const std::function<void()>& between);

}  // namespace postern::init
