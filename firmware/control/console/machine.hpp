// What only the machine knows, for the console: {"do": "addresses"} and {"do": "code"}.
#pragma once

#include "firmware/control/console/grammar.hpp"

namespace postern::control::console {

Json ask_machine(const Json& question);

}  // namespace postern::control::console
