// `postern queue hold|release|retry|reroute|bounce|drop`: what people want done with messages that wait.
#pragma once

#include <string>

#include "firmware/control/cli/invocation.hpp"

namespace postern::control::cli {

bool is_queue_action(const std::string& what);
// Without --yes it only says what would be done.
int queue_action(const Invocation& invocation, const std::string& what);
// The question for the door, or what is wrong with the command line.
Result<Json, Fault> queue_action_question(const Invocation& invocation, const std::string& what);

}  // namespace postern::control::cli
