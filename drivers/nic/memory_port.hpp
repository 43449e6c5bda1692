// The in-memory twin: two ports back to back, for tests and benches.
//
// What one port transmits the other receives, in order and without a copy. Each port owns a fixed set of
// buffers; a buffer that ends up at the other side travels home through a ring. One thread may use both
// ports, or one thread each. Nothing is allocated after construction and no system call is made.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/nic/pointer_ring.hpp"
#include "drivers/nic/port.hpp"

namespace postern::nic {

struct MemoryPortSettings {
  std::uint16_t mtu = 1500;
  std::uint16_t buffers = 2048;    // of each port; at most kMostMemoryBuffers
  bool receive_checksum = false;   // pretend to have verified: frames arrive as `good`
  bool transmit_checksum = false;  // claim to complete checksums; a frame so sent arrives as `good`
};

inline constexpr std::size_t kMostMemoryBuffers = 4096;

class MemoryPort final : public Port {
 public:
  MemoryPort(std::string name, std::array<std::uint8_t, 6> mac, const MemoryPortSettings& settings);
  ~MemoryPort() override;

  const PortFacts& facts() const override { return facts_; }
  Counters& counters() override { return counters_; }
  std::size_t receive(std::span<Frame> into, Instant now) override;
  void release(std::span<Frame> frames) override;
  bool allocate(Frame& frame) override;
  void discard(Frame& frame) override;
  void transmit(std::span<Frame> frames, Instant now) override;
  bool link_up() const override { return link_up_; }

  void set_link(bool up) { link_up_ = up; }
  // Buffers that are neither in use nor on their way.
  std::size_t free_buffers() { return take_returned(), free_.size(); }

 private:
  friend class MemoryWire;
  struct Buffer;

  Frame frame_of(Buffer* buffer) const;
  void transmit_burst(std::span<Frame> frames);
  Buffer* sealed(const Frame& frame) const;
  void take_returned();

  PortFacts facts_;
  Counters counters_;
  MemoryPortSettings settings_;
  bool link_up_ = true;
  std::vector<std::uint8_t> storage_;
  std::unique_ptr<Buffer[]> buffers_;
  std::vector<Buffer*> free_;
  PointerRing<Buffer> incoming_;  // filled by the other side
  PointerRing<Buffer> returned_;  // own buffers the other side is done with
  MemoryPort* other_ = nullptr;
};

// The two ports and the wire between them.
class MemoryWire {
 public:
  explicit MemoryWire(const MemoryPortSettings& settings = {});
  MemoryPort& a() { return a_; }
  MemoryPort& b() { return b_; }

 private:
  MemoryPort a_;
  MemoryPort b_;
};

}  // namespace postern::nic
