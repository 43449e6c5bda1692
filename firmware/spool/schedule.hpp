// When which message is to be tried next: a binary heap by time, O(log n), for hundreds of thousands.
//
// An entry is never taken out of the middle: it carries the message's turn at the time it was put in, and one
// whose turn is over is skipped when it comes up. hurry() makes all that waits due at once in O(1), by
// setting the heap aside.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "platform/base/time.hpp"

namespace postern::spool {

struct Turn {
  Instant at;
  std::uint32_t slot = 0;
  std::uint32_t turn = 0;
};

class Schedule {
 public:
  void add(const Turn& turn) {
    waiting_.push_back(turn);
    std::push_heap(waiting_.begin(), waiting_.end(), later);
  }

  void hurry() {
    if (!waiting_.empty()) hurried_.push_back(std::move(waiting_));
    waiting_.clear();
  }

  // The first entry that `valid` says yes to, if its time has come; it is taken out.
  template <typename Valid>
  bool take(Instant now, Valid&& valid, Turn& turn) {
    prune(valid);
    auto* heap = hurried_.empty() ? &waiting_ : &hurried_.front();
    if (heap->empty() || (hurried_.empty() && heap->front().at > now)) return false;
    turn = heap->front();
    pop(*heap);
    return true;
  }

  template <typename Valid>
  Instant next(Valid&& valid) {
    prune(valid);
    if (!hurried_.empty()) return Instant{};
    return waiting_.empty() ? kNever : waiting_.front().at;
  }

 private:
  using Heap = std::vector<Turn>;

  static bool later(const Turn& a, const Turn& b) { return a.at > b.at; }
  static void pop(Heap& heap) {
    std::pop_heap(heap.begin(), heap.end(), later);
    heap.pop_back();
  }

  template <typename Valid>
  void prune(Valid&& valid) {
    while (!hurried_.empty()) {
      auto& heap = hurried_.front();
      while (!heap.empty() && !valid(heap.front())) pop(heap);
      if (!heap.empty()) break;
      hurried_.pop_front();
    }
    while (!waiting_.empty() && !valid(waiting_.front())) pop(waiting_);
  }

  Heap waiting_;
  std::deque<Heap> hurried_;
};

// The pause after the attempt-th failed attempt (from 1): doubling from `first` up to `most`, less up to an
// eighth that depends on the message alone, so that a crowd that failed together does not come back together.
inline Duration retry_pause(std::uint64_t id, std::uint32_t attempt, Duration first, Duration most) {
  auto pause = std::min(first, most);
  for (std::uint32_t i = 1; i < attempt && pause < most; ++i) pause = std::min(pause * 2, most);
  const auto scatter = ((id + attempt) * 0x9e3779b97f4a7c15) >> 44;  // 20 bits
  return pause - Duration(static_cast<Duration::rep>((static_cast<std::uint64_t>(pause.count() / 8) >> 20) *
                                                     scatter));
}

}  // namespace postern::spool
