// Pointers from one thread to one other, in bursts.
//
// One thread pushes, one pops. Each side remembers the other's position and looks at it anew only when it has
// to, so a burst costs one store that the other side sees.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace postern::nic {

template <typename T>
class PointerRing {
 public:
  // Room for at least `slots` pointers.
  explicit PointerRing(std::size_t slots) : mask_(std::bit_ceil(slots) - 1), slots_(mask_ + 1) {}

  // Pushes as many of `from` as there is room for; returns how many.
  std::size_t push(std::span<T* const> from) {
    const auto head = head_.load(std::memory_order_relaxed);
    if (mask_ + 1 - (head - seen_tail_) < from.size()) seen_tail_ = tail_.load(std::memory_order_acquire);
    const auto count = std::min<std::size_t>(from.size(), mask_ + 1 - (head - seen_tail_));
    for (std::size_t i = 0; i < count; ++i) slots_[(head + i) & mask_] = from[i];
    head_.store(head + count, std::memory_order_release);
    return count;
  }

  // Pops up to into.size(); returns how many.
  std::size_t pop(std::span<T*> into) {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (seen_head_ - tail < into.size()) seen_head_ = head_.load(std::memory_order_acquire);
    const auto count = std::min<std::size_t>(into.size(), seen_head_ - tail);
    for (std::size_t i = 0; i < count; ++i) into[i] = slots_[(tail + i) & mask_];
    if (count != 0) tail_.store(tail + count, std::memory_order_release);
    return count;
  }

 private:
  const std::size_t mask_;
  std::vector<T*> slots_;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::uint64_t seen_tail_ = 0;  // the pushing side's
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  std::uint64_t seen_head_ = 0;  // the popping side's
};

}  // namespace postern::nic
