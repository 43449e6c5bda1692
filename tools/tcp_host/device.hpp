// The port that the command line asks for: DPDK started, the device open, the wrappers around it.
#pragma once

#include <cstdio>
#include <memory>

#include "drivers/nic/dpdk_device.hpp"
#include "drivers/nic/fault_port.hpp"
#include "drivers/nic/pcap_port.hpp"
#include "platform/eal/eal.hpp"
#include "tools/tcp_host/options.hpp"

namespace postern::tcp_host {

class Device {
 public:
  // `wall_minus_instant` dates the capture. Starts DPDK: once per process.
  static Result<std::unique_ptr<Device>, Fault> open(const Options& options, Duration wall_minus_instant);
  ~Device();

  nic::Port& port() { return *port_; }
  // Our MAC address on it.
  const wire::MacAddress& mac() const { return mac_; }
  const nic::FaultPort* faults() const { return faults_.get(); }

 private:
  Device() = default;
  Result<void, Fault> start(const Options& options);
  Result<void, Fault> wrap(const Options& options, Duration wall_minus_instant);

  std::unique_ptr<eal::Eal> eal_;
  std::unique_ptr<nic::DpdkDevice> device_;
  std::FILE* capture_ = nullptr;
  std::unique_ptr<nic::PcapPort> pcap_;
  std::unique_ptr<nic::FaultPort> faults_;
  nic::Port* port_ = nullptr;
  wire::MacAddress mac_;
};

}  // namespace postern::tcp_host
