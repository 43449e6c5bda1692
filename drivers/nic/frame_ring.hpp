// Frames by copy from one thread to one other, through slots of fixed size.
//
// Only the bytes of a frame are copied, not its slot. One thread pushes, one pops; neither waits.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::nic {

class FrameRing {
 public:
  // At least `slots` frames of at most `longest` bytes.
  FrameRing(std::size_t slots, std::size_t longest)
      : mask_(std::bit_ceil(slots) - 1),
        longest_(longest),
        lengths_(mask_ + 1),
        bytes_((mask_ + 1) * longest) {}

  // False where the ring is full or the frame too long.
  bool push(Bytes frame) {
    const auto head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) > mask_ || frame.size() > longest_) return false;
    const auto slot = head & mask_;
    std::memcpy(&bytes_[slot * longest_], frame.data(), frame.size());
    lengths_[slot] = static_cast<std::uint32_t>(frame.size());
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // The oldest frame, valid until drop_front(); empty where there is none.
  Bytes front() const {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (head_.load(std::memory_order_acquire) == tail) return {};
    const auto slot = tail & mask_;
    return {&bytes_[slot * longest_], lengths_[slot]};
  }
  void drop_front() { tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  std::size_t mask_;
  std::size_t longest_;
  std::vector<std::uint32_t> lengths_;
  std::vector<std::uint8_t> bytes_;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace postern::nic
