// What a process that starts others for its parent is made of: a line to the parent, a loop that hears the
// parent's orders and the ends of its children, and a clean slate for each child.
//
// The starter hears nobody but its parent, on one end of a socket pair; it holds no other descriptor.
#pragma once

#include <functional>
#include <utility>

#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::process {

// Both ends of a line that keeps message boundaries; non-blocking and close-on-exec.
Result<std::pair<Descriptor, Descriptor>, Fault> packet_pair();

// Never returns. Calls `reap` and then `take_order` each time the line can be read or a child has ended;
// both must do without something to do. The process is called `name` (15 characters) from here on.
[[noreturn]] void serve_orders(const char* name, const Descriptor& line, const std::function<void()>& reap,
                               const std::function<void()>& take_order);

// In a new child: signals as a program expects them, and a session of its own, so that the terminal's Ctrl-C
// is not for it.
void become_fresh();

}  // namespace postern::process
