// The management port's address where nobody fixed it: asked of the network (dhcp) and given to the kernel.
#pragma once

#include <string>

#include "firmware/init/dhcp.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

class LeaseKeeper {
 public:
  // Asks nothing where the interface is not there.
  explicit LeaseKeeper(std::string interface);
  // Sends what is due, takes what came, tells each change. Never waits.
  void turn(Dhcp::Clock::time_point now);

 private:
  void apply();

  std::string interface_;
  process::Descriptor socket_;
  std::optional<Dhcp> client_;
  std::optional<Lease> applied_;
};

}  // namespace postern::init
