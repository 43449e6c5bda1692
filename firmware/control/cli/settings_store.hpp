// The words of `postern settings` that speak to the store.
#pragma once

#include <optional>

#include "firmware/control/cli/invocation.hpp"

namespace postern::control::cli {

// Nothing: the first word is none of the store's.
std::optional<int> settings_store_command(const Invocation& invocation);

// "generation 12 on 2 of 2 cores", and what waits; for people.
std::string state_text(const Json& state, bool colour);

}  // namespace postern::control::cli
