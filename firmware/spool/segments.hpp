// What each segment file holds that is still needed, and so which files can go.
//
// A segment is needed while a living message has records in it (holds), while an order on it is under way,
// and while it has the `done` record of a message that also has records in another segment that exists: were
// it removed first, a crash would bring that message back to life. `dead` lists, per segment, the messages
// that have records in it and their `done` elsewhere. The newest segment always stays: it keeps the id
// high-water mark.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "firmware/spool/disk.hpp"

namespace postern::spool {

struct Tomb {
  std::uint64_t id = 0;
  SegmentNumber done_in = 0;
};

struct Segment {
  std::uint64_t size = 0;        // bytes given out
  std::uint64_t live_bytes = 0;  // of them, what living messages need
  std::uint32_t holds = 0;
  std::uint32_t orders = 0;  // under way
  std::uint32_t tombs_needed = 0;
  std::vector<Tomb> dead;
  bool removing = false;
};

class Segments {
 public:
  Segment* find(SegmentNumber number) {
    const auto found = all_.find(number);
    return found == all_.end() ? nullptr : &found->second;
  }
  Segment& add(SegmentNumber number) { return all_[number]; }
  SegmentNumber newest() const { return all_.empty() ? 0 : all_.rbegin()->first; }
  std::size_t size() const { return all_.size(); }
  std::map<SegmentNumber, Segment>& all() { return all_; }

  void hold(SegmentNumber number, std::uint64_t bytes) {
    auto& segment = all_[number];
    ++segment.holds;
    segment.live_bytes += bytes;
  }
  void release(SegmentNumber number, std::uint64_t bytes) {
    if (auto* segment = find(number)) {
      --segment->holds;
      segment->live_bytes -= bytes;
      look_ = look_ || segment->holds == 0;
    }
  }
  // The message has records in `number`; that it is done stands in `done_in`.
  void bury(std::uint64_t id, SegmentNumber number, SegmentNumber done_in) {
    auto* segment = find(number);
    if (segment == nullptr || number == done_in) return;
    segment->dead.push_back({id, done_in});
    ++all_[done_in].tombs_needed;
  }
  // A newer `done` record stands in `done_in`; the older one is not needed for this.
  void rebury(Tomb& tomb, SegmentNumber done_in) {
    tomb_gone(tomb.done_in);
    tomb.done_in = done_in;
    ++all_[done_in].tombs_needed;
  }
  void order_begun(SegmentNumber number) { ++all_[number].orders; }
  void order_over(SegmentNumber number) {
    if (auto* segment = find(number)) {
      --segment->orders;
      look_ = look_ || (segment->orders == 0 && segment->holds == 0 && segment->tombs_needed == 0);
    }
  }

  // A segment nothing needs, older than `below`; it is marked as being removed. 0: none.
  SegmentNumber take_removable(SegmentNumber below);
  void removed(SegmentNumber number);
  void not_removed(SegmentNumber number) {
    if (auto* segment = find(number)) segment->removing = false;
    look_ = true;
  }
  // Something changed that may have made a segment removable.
  void look_again() { look_ = true; }

 private:
  void tomb_gone(SegmentNumber number) {
    if (auto* segment = find(number)) {
      --segment->tombs_needed;
      look_ = true;
    }
  }

  std::map<SegmentNumber, Segment> all_;
  bool look_ = false;
};

}  // namespace postern::spool
