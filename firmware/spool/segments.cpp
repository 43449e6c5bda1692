// Which segment files can go.
#include "firmware/spool/segments.hpp"

namespace postern::spool {

SegmentNumber Segments::take_removable(SegmentNumber below) {
  if (!look_) return 0;
  for (auto& [number, segment] : all_) {
    if (number >= below) break;
    if (segment.removing || segment.holds != 0 || segment.orders != 0 || segment.tombs_needed != 0) continue;
    segment.removing = true;
    return number;
  }
  look_ = false;
  return 0;
}

void Segments::removed(SegmentNumber number) {
  const auto found = all_.find(number);
  if (found == all_.end()) return;
  for (const auto& tomb : found->second.dead) tomb_gone(tomb.done_in);
  all_.erase(found);
}

}  // namespace postern::spool
