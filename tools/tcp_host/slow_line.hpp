// One direction of a line: a rate and a drop-tail queue, then a delay and losses. No clock: the same seed,
// frames and instants give the same result. tcp-line puts it between two kernel interfaces, the goodput bench
// between two engines.
#pragma once

#include <algorithm>
#include <cstdint>

#include "drivers/nic/fault_line.hpp"

namespace postern::tcp_host {

struct SlowLineOptions {
  std::uint64_t megabits = 100;
  std::uint64_t queue = 256 * 1024;  // bytes
  Duration delay{};                  // of both directions together
  double loss = 0;                   // from 0 to 1, for each frame
  std::uint64_t seed = 1;
};

class SlowLine {
 public:
  static constexpr std::size_t kLongest = 2048;

  SlowLine(const SlowLineOptions& options, double loss)
      : options_(options),
        line_({.loss = loss, .delay = options.delay / 2, .always_copy = true}, options.seed, kSlots,
              kLongest) {}

  // Takes a copy, or drops it where the queue is full.
  void put(const Frame& frame, Instant now) {
    // A frame leaves the queue when those before it have passed at the line's rate.
    const Duration queued = std::max(free_at_ - now, Duration::zero());
    const auto backlog = static_cast<std::uint64_t>(queued.count()) * options_.megabits / 8000;
    if (backlog + frame.length > options_.queue) return void(++dropped_);
    free_at_ = now + queued + Duration(frame.length * 8000 / static_cast<std::int64_t>(options_.megabits));
    line_.put(frame, free_at_);
    ++passed_;
  }
  nic::FaultLine::Held* take(Instant now) { return line_.take(now); }
  void free(nic::FaultLine::Held* held) { line_.free(held); }
  Instant next_deadline() const { return line_.next_deadline(); }

  unsigned long long passed() const { return passed_; }
  unsigned long long dropped() const { return dropped_; }
  unsigned long long lost() const { return line_.counters().lost; }

 private:
  static constexpr std::size_t kSlots = 32768;

  SlowLineOptions options_;
  nic::FaultLine line_;
  Instant free_at_{};
  unsigned long long passed_ = 0;
  unsigned long long dropped_ = 0;
};

}  // namespace postern::tcp_host
