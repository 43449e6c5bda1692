// Now, cheaply: the CPU's time stamp counter, kept in step with the kernel's clocks.
//
// Holds: instants of one Clock never go back; they are CLOCK_MONOTONIC's (within about a microsecond), so
// instants of different cores and processes can be compared. No system call: the kernel's clocks are read
// through the vDSO, at most once per millisecond. Where the counter is not dependable (not invariant, or not
// what the kernel itself uses), every read goes to the vDSO instead.
#pragma once

#include <x86intrin.h>

#include <cstdint>

#include "platform/base/time.hpp"

namespace postern::clock {

__extension__ typedef unsigned __int128 Wide;

// The kernel's clocks, through the vDSO.
Instant kernel_instant();
WallTime kernel_wall();

// True where the time stamp counter ticks at one rate in every state and the kernel trusts it.
bool counter_is_dependable();

// One per thread.
class Clock {
 public:
  // Measures the counter's rate: takes about two milliseconds.
  explicit Clock(bool use_counter = counter_is_dependable());

  Now now() {
    if (!use_counter_) return read_kernel();
    const std::uint64_t ticks = __rdtsc();
    if (ticks - base_ticks_ > refresh_ticks_) refresh(ticks);
    now_.instant = base_ + Duration{scale(ticks - base_ticks_)};
    return now_;
  }

  bool uses_counter() const { return use_counter_; }
  std::uint64_t ticks_per_second() const { return ticks_per_second_; }

 private:
  // 32.32 fixed point; a span between refreshes is milliseconds, so the product does not overflow. A counter
  // that is a little behind (another core's, after a move) counts as no time passed.
  std::int64_t scale(std::uint64_t ticks) const {
    if (static_cast<std::int64_t>(ticks) < 0) return 0;
    return static_cast<std::int64_t>((static_cast<Wide>(ticks) * nanoseconds_per_tick_) >> 32);
  }
  void refresh(std::uint64_t ticks);
  Now read_kernel();
  void set_rate(std::uint64_t ticks, Duration span);

  bool use_counter_;
  std::uint64_t base_ticks_ = 0;
  std::uint64_t refresh_ticks_ = 0;
  std::uint64_t nanoseconds_per_tick_ = 0;  // 32.32
  std::uint64_t ticks_per_second_ = 0;
  std::uint64_t first_ticks_ = 0;
  Instant first_{};
  Instant base_{};
  Now now_{};
};

}  // namespace postern::clock
