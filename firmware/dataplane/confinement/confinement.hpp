// What postern-dataplane may do once it has started: no files but the spool's, no new sockets, no programs,
// no threads, no privileges.
#pragma once

#include <span>
#include <string_view>

#include "platform/base/result.hpp"
#include "platform/process/powers.hpp"

namespace postern::dataplane {

// What it states. Its ports' drivers may add calls of their own.
const process::Powers& dataplane_powers();

// After start-up, when all threads and devices are there. `extra`: calls that this board's devices need
// besides.
Result<void, Fault> confine_dataplane(std::span<const std::string_view> extra = {});

// What a port of that DPDK driver calls for while running; empty for those that need nothing (PCI).
std::span<const std::string_view> calls_of_driver(std::string_view driver);

}  // namespace postern::dataplane
