// Takes DPDK's own log lines over, and finds the reason behind a failed call among them.
#pragma once

#include <string>

namespace postern::eal {

// From here on DPDK's lines go to platform/log with the area "dpdk". False where that cannot be arranged.
bool take_over_dpdk_log();

// While one lives, DPDK's lines are logged as debug, and the first error is remembered: the caller turns it
// into a fault.
class QuietStart {
 public:
  QuietStart();
  ~QuietStart();
  QuietStart(const QuietStart&) = delete;
  QuietStart& operator=(const QuietStart&) = delete;
};

// The first error line DPDK has said since a QuietStart began or it was last asked: the reason behind a
// failed call.
std::string take_dpdk_error();

}  // namespace postern::eal
