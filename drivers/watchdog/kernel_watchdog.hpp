// A watchdog that the kernel drives (/dev/watchdog0). It can be opened once; it runs from then on, and
// closing it does not stop it: a process that dies lets the machine restart, as it should.
#pragma once

#include <memory>

#include "drivers/watchdog/watchdog.hpp"

namespace postern::watchdog {

// The kernel's side, so that tests can stand in for it.
struct KernelCalls {
  int (*open)(const char* path);
  int (*control)(int fd, unsigned long request, void* argument);
  long (*write)(int fd, const void* bytes, unsigned long size);
};
const KernelCalls& kernel_calls();

Result<std::unique_ptr<Watchdog>, Fault> open_watchdog(const std::string& path,
                                                       const KernelCalls& calls = kernel_calls());
// The same for a device that an earlier program opened and left open: the watchdog runs since then.
std::unique_ptr<Watchdog> adopt_watchdog(int descriptor, const KernelCalls& calls = kernel_calls());

}  // namespace postern::watchdog
