// The rescue system: what is left when neither slot starts. A menu on the serial line, in the first program
// itself; it needs no partition but the ESP, and no other program.
#pragma once

#include <functional>
#include <string>

#include "firmware/init/gpt.hpp"

namespace postern::init {

// Shows the menu until somebody wants a restart. `between` is called several times a second (watchdog).
void rescue(const std::string& line, const Disk& disk, const std::function<void()>& between);

// Overwrites what leads to the data: the head of `data` (keys) and of `state`. Both are made new at the next
// start.
Result<void, Fault> forget(const Disk& disk);

}  // namespace postern::init
