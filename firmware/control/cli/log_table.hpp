// Outcomes as lines for people.
#pragma once

#include <string>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"

namespace postern::control::cli {

// The table of `postern log`, with its head; `wide` leaves out nothing.
Table outcome_table(const Json& outcomes, std::size_t width);

}  // namespace postern::control::cli
