// A port behind a bad line: another port, with faults on what is sent, on what is received, or both.
//
// Delayed frames leave when their time has come and the port is polled (receive or transmit): next_deadline()
// says when. A direction without faults passes frames through untouched.
#pragma once

#include "drivers/nic/fault_line.hpp"
#include "drivers/nic/port.hpp"

namespace postern::nic {

struct FaultSettings {
  Faults sent;
  Faults received;
  std::uint64_t seed = 1;
  std::size_t slots = 1024;  // frames held, of each direction
};

class FaultPort final : public Port {
 public:
  FaultPort(Port& inner, const FaultSettings& settings);

  const PortFacts& facts() const override { return inner_.facts(); }
  Counters& counters() override { return inner_.counters(); }
  std::size_t receive(std::span<Frame> into, Instant now) override;
  void release(std::span<Frame> frames) override;
  bool allocate(Frame& frame) override { return inner_.allocate(frame); }
  void discard(Frame& frame) override;
  void transmit(std::span<Frame> frames, Instant now) override;
  int wait_descriptor() const override { return inner_.wait_descriptor(); }
  Instant next_deadline() const override;
  bool lands_here(const FlowAddresses& flow) const override { return inner_.lands_here(flow); }
  bool link_up() const override { return inner_.link_up(); }

  const FaultCounters& sent_faults() const { return sent_.counters(); }
  const FaultCounters& received_faults() const { return received_.counters(); }

 private:
  void send_copy(Bytes bytes, Instant now);
  void send_due(Instant now);
  std::size_t deliver_due(std::span<Frame> into, Instant now);

  Port& inner_;
  FaultLine sent_;
  FaultLine received_;
};

}  // namespace postern::nic
