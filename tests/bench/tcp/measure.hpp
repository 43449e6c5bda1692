// What the benches of this room share: time of this thread, ticks, and percentiles.
#pragma once

#include <time.h>
#include <x86intrin.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace postern::bench {

// CPU time of this thread: others may use the machine.
inline std::int64_t cpu_ns() {
  timespec spec{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spec);
  return spec.tv_sec * 1'000'000'000LL + spec.tv_nsec;
}

inline std::uint64_t ticks() {
  return __rdtsc();
}

// Ticks of the time stamp counter per microsecond.
inline double ticks_per_us() {
  timespec from{};
  timespec to{};
  clock_gettime(CLOCK_MONOTONIC, &from);
  const std::uint64_t begin = ticks();
  double span = 0;
  do {
    clock_gettime(CLOCK_MONOTONIC, &to);
    span = static_cast<double>(to.tv_sec - from.tv_sec) * 1e6 +
           static_cast<double>(to.tv_nsec - from.tv_nsec) / 1e3;
  } while (span < 20'000);
  return static_cast<double>(ticks() - begin) / span;
}

// Values in the order they came, as many as were made room for.
class Samples {
 public:
  explicit Samples(std::size_t most) { values_.reserve(most); }
  void add(std::uint64_t value) {
    if (values_.size() < values_.capacity())
      values_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX)));
  }
  double percentile(double share) {
    if (values_.empty()) return 0;
    const auto at =
        values_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values_.size() - 1));
    std::nth_element(values_.begin(), at, values_.end());
    return *at;
  }

 private:
  std::vector<std::uint32_t> values_;
};

}  // namespace postern::bench
