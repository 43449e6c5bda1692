// Where a shard's frames go on the packet core: collected per port and handed over in bursts.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "drivers/nic/port.hpp"
#include "platform/base/frame.hpp"

namespace postern::dataplane {

class BurstSink final : public FrameSink {
 public:
  explicit BurstSink(std::span<nic::Port* const> ports) : ports_(ports), waiting_(ports.size()) {}

  void set_now(Instant now) { now_ = now; }

  bool allocate(PortIndex port, Frame& frame) override { return ports_[port]->allocate(frame); }
  void discard(PortIndex port, Frame& frame) override { ports_[port]->discard(frame); }
  void send(PortIndex port, Frame& frame) override {
    auto& burst = waiting_[port];
    burst.frames[burst.count++] = frame;
    if (burst.count == burst.frames.size()) flush(port);
  }

  // Hands over what is collected; returns how many frames that were.
  std::size_t flush() {
    std::size_t sent = 0;
    for (PortIndex port = 0; port < waiting_.size(); ++port) sent += flush(port);
    return sent;
  }

 private:
  struct Burst {
    std::array<Frame, nic::kBurst> frames;
    std::size_t count = 0;
  };

  std::size_t flush(PortIndex port) {
    auto& burst = waiting_[port];
    const std::size_t count = burst.count;
    if (count > 0) ports_[port]->transmit(std::span(burst.frames).first(count), now_);
    burst.count = 0;
    return count;
  }

  std::span<nic::Port* const> ports_;
  std::vector<Burst> waiting_;
  Instant now_{};
};

}  // namespace postern::dataplane
