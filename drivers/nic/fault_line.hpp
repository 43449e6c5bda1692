// What a bad line does to frames in one direction: loss, bursts of loss, reordering, duplication, corruption,
// delay.
//
// Deterministic: the same seed, frames and instants give the same result. Frames are held as copies in a
// fixed number of slots; what finds none is lost and counted. Nothing is allocated after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/base/counters.hpp"
#include "platform/base/frame.hpp"
#include "platform/base/time.hpp"

namespace postern::nic {

#define POSTERN_FAULT_COUNTERS(X)                    \
  X(lost, "frames lost one by one")                  \
  X(burst_lost, "frames lost in bursts")             \
  X(reordered, "frames held back behind later ones") \
  X(duplicated, "frames sent twice")                 \
  X(corrupted, "frames with one bit flipped")        \
  X(overflow, "frames lost because no slot or buffer was free")
POSTERN_DEFINE_COUNTERS(FaultCounters, POSTERN_FAULT_COUNTERS);

// Chances are from 0 to 1, for each frame.
struct Faults {
  double loss = 0;
  double burst_start = 0;  // chance that a burst begins; all frames of a burst are lost
  double burst_stop = 1;   // chance that it ends
  double duplicate = 0;
  double corrupt = 0;
  double reorder = 0;
  Duration reorder_by = 1ms;  // how much later a reordered frame leaves
  Duration delay{};
  Duration jitter{};         // added to the delay, anything from 0 to this; so it reorders too
  bool always_copy = false;  // hold frames even where nothing can happen to them

  bool does_nothing() const {
    return loss <= 0 && burst_start <= 0 && duplicate <= 0 && corrupt <= 0 && reorder <= 0 &&
           delay <= Duration::zero() && jitter <= Duration::zero() && !always_copy;
  }
};

class FaultLine {
 public:
  struct Held {
    Instant due;
    std::uint64_t order = 0;        // ties leave in the order they came
    std::uint8_t* bytes = nullptr;  // start of the slot; the frame begins after the headroom
    std::uint16_t length = 0;
    ChecksumState checksum = ChecksumState::unknown;
  };

  // `longest` is the longest frame; `slots` how many may be held.
  FaultLine(const Faults& faults, std::uint64_t seed, std::size_t slots, std::size_t longest);

  // Takes a copy, or two, or none.
  void put(const Frame& frame, Instant now);
  // The next frame whose time has come, or nullptr. Goes back by free().
  Held* take(Instant now);
  void free(Held* held) { free_.push_back(held); }
  Instant next_deadline() const { return waiting_.empty() ? kNever : waiting_.front()->due; }

  bool owns(const void* held) const;
  const FaultCounters& counters() const { return counters_; }
  FaultCounters& counters() { return counters_; }
  bool does_nothing() const { return faults_.does_nothing(); }
  std::size_t room() const { return room_; }

 private:
  bool chance(double probability);
  std::uint64_t random();
  bool is_lost();
  void hold(const Frame& frame, Instant due);
  void corrupt(Held& held);

  Faults faults_;
  std::uint64_t state_;
  bool in_burst_ = false;
  std::uint64_t order_ = 0;
  std::size_t room_;
  std::vector<std::uint8_t> storage_;
  std::vector<Held> slots_;
  std::vector<Held*> free_;
  std::vector<Held*> waiting_;  // a heap: the earliest in front
  FaultCounters counters_;
};

}  // namespace postern::nic
