// What postern-control may do once it has started.
#pragma once

#include "platform/process/powers.hpp"

namespace postern::control {

const process::Powers& control_powers();

}  // namespace postern::control
