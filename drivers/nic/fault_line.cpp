// Chance decides once per fault and frame, in a fixed order, so that runs repeat.
#include "drivers/nic/fault_line.hpp"

#include <algorithm>
#include <cstring>

#include "drivers/nic/transport_checksum.hpp"

namespace postern::nic {
namespace {

struct Later {
  bool operator()(const FaultLine::Held* a, const FaultLine::Held* b) const {
    return a->due != b->due ? a->due > b->due : a->order > b->order;
  }
};

}  // namespace

FaultLine::FaultLine(const Faults& faults, std::uint64_t seed, std::size_t slots, std::size_t longest)
    : faults_(faults), state_(seed), room_(kFrameHeadroom + longest) {
  if (faults.does_nothing()) return;
  storage_.resize(slots * room_);
  slots_.resize(slots);
  free_.reserve(slots);
  waiting_.reserve(slots);
  for (std::size_t i = slots; i-- > 0;) {
    slots_[i].bytes = storage_.data() + i * room_;
    free_.push_back(&slots_[i]);
  }
}

// SplitMix64: every seed is good, zero too.
std::uint64_t FaultLine::random() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

bool FaultLine::chance(double probability) {
  if (probability <= 0) return false;
  return static_cast<double>(random() >> 11) * 0x1.0p-53 < probability;
}

bool FaultLine::is_lost() {
  in_burst_ = in_burst_ ? !chance(faults_.burst_stop) : chance(faults_.burst_start);
  if (in_burst_) {
    ++counters_.burst_lost;
    return true;
  }
  const bool lost = chance(faults_.loss);
  counters_.lost += lost;
  return lost;
}

void FaultLine::put(const Frame& frame, Instant now) {
  if (is_lost()) return;
  auto due = now + faults_.delay;
  if (faults_.jitter > Duration::zero()) {
    due += Duration(
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(faults_.jitter.count() + 1)));
  }
  if (chance(faults_.reorder)) {
    ++counters_.reordered;
    due += faults_.reorder_by;
  }
  const bool twice = chance(faults_.duplicate);
  hold(frame, due);
  if (twice) {
    ++counters_.duplicated;
    hold(frame, due);
  }
}

void FaultLine::hold(const Frame& frame, Instant due) {
  if (free_.empty() || std::size_t{frame.length} + kFrameHeadroom > room_) {
    ++counters_.overflow;
    return;
  }
  auto* held = free_.back();
  free_.pop_back();
  std::memcpy(held->bytes + kFrameHeadroom, frame.data, frame.length);
  held->due = due;
  held->order = order_++;
  held->length = frame.length;
  held->checksum = frame.checksum;
  if (frame.checksum == ChecksumState::transport) {
    // The copy leaves complete: a device would give a corrupted frame a checksum that fits.
    Frame copy = frame;
    copy.data = held->bytes + kFrameHeadroom;
    complete_transport_checksum(copy);
    held->checksum = ChecksumState::unknown;
  }
  if (chance(faults_.corrupt)) corrupt(*held);
  waiting_.push_back(held);
  std::push_heap(waiting_.begin(), waiting_.end(), Later{});
}

// One bit anywhere in the frame. Nobody can have verified what arrives now.
void FaultLine::corrupt(Held& held) {
  if (held.length == 0) return;
  ++counters_.corrupted;
  const auto bit = random() % (std::uint64_t{held.length} * 8);
  held.bytes[kFrameHeadroom + bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  held.checksum = ChecksumState::unknown;
}

FaultLine::Held* FaultLine::take(Instant now) {
  if (waiting_.empty() || waiting_.front()->due > now) return nullptr;
  std::pop_heap(waiting_.begin(), waiting_.end(), Later{});
  auto* held = waiting_.back();
  waiting_.pop_back();
  return held;
}

bool FaultLine::owns(const void* held) const {
  const auto* slot = static_cast<const Held*>(held);
  return !slots_.empty() && slot >= slots_.data() && slot < slots_.data() + slots_.size();
}

}  // namespace postern::nic
