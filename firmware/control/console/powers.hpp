// What postern-console may do.
#pragma once

#include "firmware/control/console/options.hpp"
#include "platform/process/powers.hpp"

namespace postern::control::console {

process::Powers console_powers(const Options& options);

}  // namespace postern::control::console
