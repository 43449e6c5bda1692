// All that a run can tell, as one JSON object.
#pragma once

#include <string>

#include "drivers/nic/fault_port.hpp"
#include "tools/tcp_host/client.hpp"
#include "tools/tcp_host/host.hpp"
#include "tools/tcp_host/services.hpp"

namespace postern::tcp_host {

struct ReportSources {
  Host& host;
  nic::Port& port;
  const nic::FaultPort* faults = nullptr;
  const Services* services = nullptr;
  const Client* client = nullptr;
  double cpu_seconds = 0;
  double seconds = 0;
};

std::string report(const ReportSources& from);

}  // namespace postern::tcp_host
