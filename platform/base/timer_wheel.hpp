// Timers by the hundred thousand: a hierarchical wheel of intrusive nodes.
//
// Arming, moving and disarming take constant time and no memory. The wheel has levels of 64 slots; a node
// lies in the level of the highest digit (base 64) in which its tick differs from the wheel's present tick,
// so every node of a level is later than the present and the earliest occupied slot is found by counting zero
// bits.
//
// One tick is 2^17 ns (131 µs). A timer never fires early; it fires at the first tick that is not before its
// instant. Moving the wheel forward does a bounded amount of work per call and goes on where it stopped.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "platform/base/time.hpp"

namespace postern {

// Sits inside what it wakes. Must not move or die while armed.
struct TimerNode {
  TimerNode* next = nullptr;
  TimerNode* previous = nullptr;
  std::uint64_t tick = 0;
  bool armed() const { return next != nullptr; }
};

class TimerWheel {
 public:
  TimerWheel() {
    for (auto& level : heads_) {
      for (auto& head : level) head.next = head.previous = &head;
    }
  }
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Arms `node` for `when`, also where it is armed already. An instant in the past is due at once.
  void arm(TimerNode& node, Instant when) {
    disarm(node);
    node.tick = std::min(std::max(tick_of(when), tick_), tick_ | kSpan);
    link(node);
  }

  void disarm(TimerNode& node) {
    if (!node.armed()) return;
    TimerNode* const other = node.next;
    node.previous->next = node.next;
    node.next->previous = node.previous;
    if (other == node.previous) forget_if_empty(other);
    node.next = node.previous = nullptr;
  }

  // Calls `fire(node)` for due nodes, disarmed before the call, at most `limit` of them, and moves at most as
  // many from coarse slots to finer ones. Returns how many fired. `fire` may arm and disarm any node.
  template <typename Fire>
  std::size_t advance(Instant now, std::size_t limit, Fire&& fire) {
    const std::uint64_t target = tick_before(now);
    std::size_t fired = 0;
    for (std::size_t work = 0; work < 2 * limit && fired < limit; ++work) {
      const Place place = earliest();
      if (place.tick > target) {
        tick_ = std::max(tick_, target);
        break;
      }
      tick_ = std::max(tick_, place.tick);
      TimerNode& node = *heads_[place.level][place.slot].next;
      disarm(node);
      if (node.tick <= tick_) {
        ++fired;
        fire(node);
      } else {
        link(node);
      }
    }
    return fired;
  }

  // When advance() next has something to do: never later than the earliest timer fires. kNever where there is
  // none.
  Instant next() const {
    const Place place = earliest();
    return place.tick == kNoTick ? kNever : instant_of(place.tick);
  }

  // The instant at which a timer armed for `when` fires.
  static Instant rounded(Instant when) { return instant_of(tick_of(when)); }

 private:
  static constexpr unsigned kTickShift = 17;
  static constexpr unsigned kDigitBits = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kLevels = 7;  // 2^42 ticks: 18 years
  static constexpr std::uint64_t kSpan = (std::uint64_t{1} << (kLevels * kDigitBits)) - 1;
  static constexpr std::uint64_t kNoTick = ~std::uint64_t{0};

  struct Place {
    std::uint64_t tick;
    std::size_t level;
    std::size_t slot;
  };

  static std::uint64_t tick_of(Instant when) {
    const auto ns = static_cast<std::uint64_t>(std::max<Duration::rep>(when.time_since_epoch().count(), 0));
    return (ns + (std::uint64_t{1} << kTickShift) - 1) >> kTickShift;
  }
  static std::uint64_t tick_before(Instant when) {
    return static_cast<std::uint64_t>(std::max<Duration::rep>(when.time_since_epoch().count(), 0)) >>
           kTickShift;
  }
  static Instant instant_of(std::uint64_t tick) {
    return Instant{Duration{static_cast<Duration::rep>(tick << kTickShift)}};
  }

  static std::size_t digit(std::uint64_t tick, std::size_t level) {
    return static_cast<std::size_t>(tick >> (level * kDigitBits)) & (kSlots - 1);
  }

  void link(TimerNode& node) {
    const std::uint64_t difference = (node.tick ^ tick_) & kSpan;
    const auto level = difference == 0 ? 0 : (std::bit_width(difference) - 1) / kDigitBits;
    const std::size_t slot = digit(node.tick, level);
    TimerNode& head = heads_[level][slot];
    node.next = &head;
    node.previous = head.previous;
    head.previous->next = &node;
    head.previous = &node;
    occupied_[level] |= std::uint64_t{1} << slot;
  }

  // `head` is the sentinel of a slot whose last node has just left.
  void forget_if_empty(const TimerNode* head) {
    const auto index = static_cast<std::size_t>(head - &heads_[0][0]);
    occupied_[index / kSlots] &= ~(std::uint64_t{1} << (index % kSlots));
  }

  // The slot that is due first, by the tick at which it begins.
  Place earliest() const {
    Place best{kNoTick, 0, 0};
    for (std::size_t level = 0; level < kLevels; ++level) {
      const std::uint64_t later = occupied_[level] >> digit(tick_, level) << digit(tick_, level);
      if (later == 0) continue;
      const auto slot = static_cast<std::size_t>(std::countr_zero(later));
      const std::size_t shift = level * kDigitBits;
      const std::uint64_t above = tick_ >> (shift + kDigitBits) << (shift + kDigitBits);
      const std::uint64_t start = std::max(tick_, above | (std::uint64_t{slot} << shift));
      if (start < best.tick) best = {start, level, slot};
    }
    return best;
  }

  std::uint64_t tick_ = 0;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<std::array<TimerNode, kSlots>, kLevels> heads_;
};

}  // namespace postern
