// The exception path of one port (decision 10): frames that are not ours go to the kernel, its answers come
// back.
//
// Packet cores only copy frames into and out of rings; the housekeeping thread alone touches the tap device,
// in poll(). Each core has a ring towards the kernel; what the kernel sends is given to core 0. The tap has
// the port's MAC address. The kernel answers ARP and neighbour solicitations for its own addresses,
// net::Stack for ours: an address belongs to one of them, not both.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/nic/frame_ring.hpp"
#include "platform/base/counters.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/result.hpp"

namespace postern::nic {

#define POSTERN_EXCEPTION_COUNTERS(X)                 \
  X(to_kernel, "frames given to the kernel")          \
  X(from_kernel, "frames the kernel sent")            \
  X(kernel_refused, "frames the kernel did not take") \
  X(from_kernel_dropped, "frames of the kernel dropped because the ring was full")
POSTERN_DEFINE_COUNTERS(ExceptionCounters, POSTERN_EXCEPTION_COUNTERS);

struct ExceptionTapSettings {
  std::string interface;  // name of the kernel interface to make
  std::array<std::uint8_t, 6> mac{};
  std::uint16_t mtu = 1500;
  std::size_t cores = 1;
  std::size_t slots = 256;  // of each ring
};

class ExceptionTap {
 public:
  // Makes the interface and sets it up; it lives as long as this.
  static Result<std::unique_ptr<ExceptionTap>, Fault> start(const ExceptionTapSettings& settings);
  ~ExceptionTap();
  ExceptionTap(const ExceptionTap&) = delete;
  ExceptionTap& operator=(const ExceptionTap&) = delete;

  // Packet core: copies the frame towards the kernel. False where the ring is full: drop it and count.
  bool push(std::size_t core, const Frame& frame) { return to_kernel_[core]->push(frame.bytes()); }
  // Core 0: the next frame of the kernel, to be sent out of the port; empty where there is none. Valid until
  // pop_done().
  Bytes pop() const { return from_kernel_.front(); }
  void pop_done() { from_kernel_.drop_front(); }

  // Housekeeping: moves up to kMostPerPoll frames each way. True where something moved.
  static constexpr std::size_t kMostPerPoll = 64;
  bool poll();
  // Readable when the kernel has sent something; poll() also has to be called now and then for the other way.
  int descriptor() const { return descriptor_; }
  const ExceptionCounters& counters() const { return counters_; }

 private:
  ExceptionTap(const ExceptionTapSettings& settings, int descriptor);
  bool write_frames(FrameRing& ring);
  bool read_frames();

  int descriptor_;
  std::vector<std::unique_ptr<FrameRing>> to_kernel_;
  FrameRing from_kernel_;
  std::vector<std::uint8_t> buffer_;
  ExceptionCounters counters_;
};

}  // namespace postern::nic
