// Texts that `postern status` and `postern top` share.
#pragma once

#include <string>

#include "firmware/control/cli/invocation.hpp"

namespace postern::control::cli {

// "running", "not running, will be started in 4 s".
std::string headline(const Json& dataplane, bool colour);
std::string status_text(const Json& status, bool colour);

}  // namespace postern::control::cli
