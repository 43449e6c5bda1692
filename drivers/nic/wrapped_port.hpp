// The base of wrappers that only watch: every call goes to the inner port; a wrapper overrides what it looks
// at.
#pragma once

#include "drivers/nic/port.hpp"

namespace postern::nic {

class WrappedPort : public Port {
 public:
  explicit WrappedPort(Port& inner) : inner_(inner) {}

  const PortFacts& facts() const override { return inner_.facts(); }
  Counters& counters() override { return inner_.counters(); }
  void release(std::span<Frame> frames) override { inner_.release(frames); }
  bool allocate(Frame& frame) override { return inner_.allocate(frame); }
  void discard(Frame& frame) override { inner_.discard(frame); }
  int wait_descriptor() const override { return inner_.wait_descriptor(); }
  Instant next_deadline() const override { return inner_.next_deadline(); }
  bool lands_here(const FlowAddresses& flow) const override { return inner_.lands_here(flow); }
  bool link_up() const override { return inner_.link_up(); }

  std::size_t receive(std::span<Frame> into, Instant now) override {
    const auto count = inner_.receive(into, now);
    for (std::size_t i = 0; i < count; ++i) see(into[i], Direction::in, now);
    return count;
  }
  void transmit(std::span<Frame> frames, Instant now) override {
    for (const auto& frame : frames) see(frame, Direction::out, now);
    inner_.transmit(frames, now);
  }

 protected:
  enum class Direction : std::uint8_t { in, out };
  virtual void see(const Frame& frame, Direction direction, Instant now) = 0;

 private:
  Port& inner_;
};

}  // namespace postern::nic
