// The admin process as a whole: its beginning, its rooms joined, and its end when control goes.
#pragma once

#include <string>

#include "platform/base/result.hpp"

namespace postern::admin {

// Returns when control's line closes.
Result<void, Fault> serve(const std::string& socket_path, const std::string& door, const std::string& web);

}  // namespace postern::admin
