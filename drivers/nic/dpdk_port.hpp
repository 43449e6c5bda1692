// One queue pair of a DPDK device as a Port; belongs to one core.
//
// Frames view mbuf data. A received frame may be transmitted again on the same port instead of being
// released. What the device knows beyond its queues (missed frames, errors, link) is asked once a second, by
// queue 0.
#pragma once

#include <cstdint>

#include "drivers/nic/port.hpp"

struct rte_mbuf;
struct rte_mempool;

namespace postern::nic {

class DpdkDevice;

class DpdkPort final : public Port {
 public:
  DpdkPort(const DpdkDevice& device, std::uint16_t queue, rte_mempool* pool, int wait_descriptor);
  ~DpdkPort() override;

  const PortFacts& facts() const override { return facts_; }
  Counters& counters() override { return counters_; }
  std::size_t receive(std::span<Frame> into, Instant now) override;
  void release(std::span<Frame> frames) override;
  bool allocate(Frame& frame) override;
  void discard(Frame& frame) override;
  void transmit(std::span<Frame> frames, Instant now) override;
  int wait_descriptor() const override { return wait_descriptor_; }
  bool lands_here(const FlowAddresses& flow) const override;
  bool link_up() const override { return link_up_; }

 private:
  bool make_frame(rte_mbuf* mbuf, Frame& frame);
  bool prepare(const Frame& frame, rte_mbuf* mbuf);
  void send(rte_mbuf** mbufs, std::size_t count);
  void refresh(Instant now);

  const DpdkDevice& device_;
  PortFacts facts_;
  Counters counters_;
  std::uint16_t number_;
  std::uint16_t queue_;
  rte_mempool* pool_;
  int wait_descriptor_;
  bool link_up_ = false;
  Instant refreshed_{Instant::min()};
};

}  // namespace postern::nic
