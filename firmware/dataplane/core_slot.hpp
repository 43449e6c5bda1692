// What belongs to one packet core, made and destroyed with it; for the files of Process only.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "firmware/dataplane/process.hpp"

namespace postern::dataplane {

struct Process::CoreSlot {
  std::vector<nic::Port*> ports;
  Counters* counters = nullptr;
  std::unique_ptr<OutcomeTeller> teller;
  std::unique_ptr<RingPolicySource> policies;
  std::unique_ptr<PacketCore> core;
  std::promise<std::string> started;  // empty text: running
  // Commands given and not taken yet keep what they point to alive here.
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const void>>> in_flight;
  std::uint64_t told = 0;
  std::uint64_t acknowledged = 0;  // generation reported to control
};

}  // namespace postern::dataplane
