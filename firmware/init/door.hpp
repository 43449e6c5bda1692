// Asks postern-control over its door what the box's state is: one question, one answer, JSON lines.
#pragma once

#include <string>

#include "platform/base/result.hpp"

namespace postern::init {

// The answer as text. Waits two seconds at most for each part of it.
Result<std::string, Fault> ask(const std::string& question);

}  // namespace postern::init
