// One DPDK Ethernet device: configured, started and shared by its queues' ports.
//
// Holds: offloads are used only where the device has them and the board does not forbid them; every queue has
// a buffer pool of its own; with more than one queue the device spreads connections by the symmetric Toeplitz
// hash, and spreads_to() says where a connection lands.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/nic/port.hpp"
#include "platform/base/result.hpp"
#include "platform/board/board.hpp"

struct rte_mempool;

namespace postern::nic {

struct DeviceSettings {
  std::string name;          // of the port, for messages
  std::uint16_t number = 0;  // DPDK's, from Eal::attach_port
  std::uint16_t mtu = 1500;
  std::uint16_t queues = 1;
  std::uint16_t descriptors = 1024;
  std::uint32_t buffers = 4096;  // of each queue, over and above what its descriptors hold
  bool checksum_offload = true;
  std::string interface;  // kernel interface under an af_packet device, for waiting; else empty
};

DeviceSettings device_settings(const board::Board& board, const board::Port& port, std::uint16_t number);

class DpdkDevice {
 public:
  // Configures and starts the device. Every failure is one line that names the port and what to do.
  static Result<std::unique_ptr<DpdkDevice>, Fault> open(const DeviceSettings& settings);
  ~DpdkDevice();
  DpdkDevice(const DpdkDevice&) = delete;
  DpdkDevice& operator=(const DpdkDevice&) = delete;

  // The port of one queue pair; lives as long as the device.
  Port& queue(std::size_t index);

  const DeviceSettings& settings() const { return settings_; }
  const PortFacts& facts() const { return facts_; }
  // Which queue the frames of this connection arrive at.
  std::uint16_t spreads_to(const FlowAddresses& flow) const;

 private:
  explicit DpdkDevice(const DeviceSettings& settings) : settings_(settings) {}
  Result<void, Fault> configure();
  Result<void, Fault> set_up_queues();
  Result<void, Fault> start();
  Result<void, Fault> read_spread();
  tl::unexpected<Fault> failed(const std::string& what, int status) const;

  DeviceSettings settings_;
  PortFacts facts_;
  std::uint64_t hashed_ = 0;  // RTE_ETH_RSS_* in use; 0: one queue
  std::vector<std::uint8_t> hash_key_;
  std::vector<std::uint16_t> indirection_;  // hash -> queue
  std::vector<rte_mempool*> pools_;
  std::vector<std::unique_ptr<Port>> queues_;
  bool started_ = false;
};

}  // namespace postern::nic
