// Calibration and refresh of the clock.
#include "platform/clock/clock.hpp"

#include <cpuid.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

namespace postern::clock {
namespace {

Duration read_kernel_clock(clockid_t which) {
  timespec now{};
  ::clock_gettime(which, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// A reading of both clocks close together: the best of a few tries, so that an interruption in between
// does not spoil it.
struct Reading {
  std::uint64_t ticks = 0;
  Instant instant{};
};

Reading read_both(int tries) {
  Reading best;
  std::uint64_t narrowest = UINT64_MAX;
  for (int i = 0; i < tries; ++i) {
    const auto before = __rdtsc();
    const auto instant = kernel_instant();
    const auto width = __rdtsc() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, instant};
  }
  return best;
}

bool counter_is_invariant() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000007u, &a, &b, &c, &d) != 0 && (d & (1u << 8)) != 0;
}

// The kernel gives the counter up where it found it going wrong; guests may have a paravirtual clock over it.
bool kernel_uses_counter() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re"), &std::fclose);
  char name[32] = {};
  if (file == nullptr || std::fgets(name, sizeof name, file.get()) == nullptr) return false;
  return std::strncmp(name, "tsc", 3) == 0 || std::strncmp(name, "kvm-clock", 9) == 0;
}

}  // namespace

Instant kernel_instant() {
  return Instant{read_kernel_clock(CLOCK_MONOTONIC)};
}
WallTime kernel_wall() {
  return WallTime{read_kernel_clock(CLOCK_REALTIME)};
}

bool counter_is_dependable() {
  static const bool dependable = counter_is_invariant() && kernel_uses_counter();
  return dependable;
}

Clock::Clock(bool use_counter) : use_counter_(use_counter) {
  const auto start = read_both(16);
  Instant end = start.instant;
  while (use_counter_ && end - start.instant < 2ms) end = kernel_instant();
  const auto stop = read_both(16);
  first_ticks_ = start.ticks;
  first_ = start.instant;
  base_ = stop.instant;
  base_ticks_ = stop.ticks;
  now_ = {stop.instant, kernel_wall()};
  if (use_counter_) set_rate(stop.ticks - start.ticks, stop.instant - start.instant);
}

void Clock::set_rate(std::uint64_t ticks, Duration span) {
  if (ticks == 0 || span.count() <= 0) return;
  const auto nanoseconds = static_cast<std::uint64_t>(span.count());
  nanoseconds_per_tick_ = static_cast<std::uint64_t>((static_cast<Wide>(nanoseconds) << 32) / ticks);
  ticks_per_second_ = static_cast<std::uint64_t>(static_cast<Wide>(ticks) * 1'000'000'000 / nanoseconds);
  refresh_ticks_ = ticks_per_second_ / 1000;
}

// Takes up the kernel's time again. Where the counter ran ahead of it, time stands still until the kernel has
// caught up; the rate is measured anew over the whole life of the clock, so that this gets ever rarer.
void Clock::refresh(std::uint64_t) {
  const auto reading = read_both(2);
  set_rate(reading.ticks - first_ticks_, reading.instant - first_);
  base_ = std::max(reading.instant, now_.instant);
  base_ticks_ = reading.ticks;
  now_.wall = kernel_wall();
}

Now Clock::read_kernel() {
  now_.instant = std::max(now_.instant, kernel_instant());
  now_.wall = kernel_wall();
  return now_;
}

}  // namespace postern::clock
