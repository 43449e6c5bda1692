// Getting segments back that are mostly dead: what lives in them is written again at the end of the log.
//
// Only a segment with less than a quarter alive is worth it, so at most a third of what is gained is written.
// One victim at a time, one message at a time, a bounded number of slots and tombs looked at per step.
#include <algorithm>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/state.hpp"

namespace postern::spool {

void Spool::State::reclaim_step() {
  if (reclaim_.victim == 0 && choose_victim_) choose_victim();
  if (reclaim_.victim == 0) return;
  const auto* victim = segments_.find(reclaim_.victim);
  if (victim == nullptr || victim->removing) {
    reclaim_ = {};
    choose_victim_ = true;
    return;
  }
  if (reclaim_.stage == Reclaim::Stage::messages && copy_.slot == kNoSlot) reclaim_messages();
}

void Spool::State::choose_victim() {
  choose_victim_ = false;
  if (refused_no_space_ || log_paused_) return;
  for (const auto& [number, segment] : segments_.all()) {
    if (number >= newest_durable_ || number == current_) break;
    if (segment.removing || segment.orders != 0 || segment.live_bytes * 4 >= settings_.segment_bytes)
      continue;
    if (segment.holds == 0 && segment.tombs_needed == 0) continue;
    if (number == reclaim_last_ && reclaim_last_newest_ == segments_.newest())
      continue;  // no use so soon again
    reclaim_ = {};
    reclaim_.victim = number;
    reclaim_last_ = number;
    reclaim_last_newest_ = segments_.newest();
    return;
  }
}

void Spool::State::reclaim_messages() {
  constexpr int kSlotsPerStep = 128;
  for (int looked = 0; looked < kSlotsPerStep; ++looked) {
    if (reclaim_.cursor >= slots_.size()) {
      reclaim_.stage = Reclaim::Stage::tombs;
      return;
    }
    reclaim_message(reclaim_.cursor++);
    if (copy_.slot != kNoSlot) return;
  }
}

void Spool::State::reclaim_message(Slot slot) {
  auto& message = slots_[slot];
  if (!message.in_queue()) return;
  const auto victim = reclaim_.victim;
  if (message.state.segment == victim || message.attempt.segment == victim) {
    // A state record ends an attempt, so where one is under way it is said again behind it.
    message.wants.state =
        message.wants.state || message.state.segment == victim || message.phase != Phase::under_way;
    message.wants.attempt = message.wants.attempt || message.phase == Phase::under_way;
    want_log(slot);
  }
  const bool here = std::any_of(message.places.begin(), message.places.end(),
                                [&](const Place& place) { return place.live && place.segment == victim; });
  if (here && message.phase != Phase::aside) start_copy(slot);
}

// Repeats the `done` records that stand in the victim and are still needed.
bool Spool::State::order_tombs(DiskOrder& order) {
  constexpr int kTombsPerStep = 4096;
  if (reclaim_.victim == 0 || reclaim_.stage != Reclaim::Stage::tombs || log_paused_) return false;
  const auto log =
      std::find_if(logs_.begin(), logs_.end(), [](const auto& buffer) { return !buffer.in_use; });
  if (log == logs_.end()) return false;
  if (need_segment(frame_bytes_)) return order_header(order);
  log->entries.clear();
  const auto base = current_used_;
  std::uint64_t used = 0;
  auto& all = segments_.all();
  auto from = all.lower_bound(reclaim_.tomb_cursor);
  bool full = false;
  for (int looked = 0; from != all.end() && looked < kTombsPerStep && !full; ++looked) {
    const auto& dead = from->second.dead;
    if (reclaim_.tomb_index >= dead.size()) {
      ++from;
      reclaim_.tomb_index = 0;
      continue;
    }
    const auto& tomb = dead[reclaim_.tomb_index];
    if (tomb.done_in == reclaim_.victim && !from->second.removing) {
      full = !put_done(tomb.id, *log, base, used);
      if (full) break;
      log->entries.back().tomb_segment = from->first;
      log->entries.back().tomb_index = reclaim_.tomb_index;
    }
    ++reclaim_.tomb_index;
  }
  if (from == all.end()) {
    reclaim_ = {};
  } else {
    reclaim_.tomb_cursor = from->first;
  }
  return used != 0 && issue_log(order, *log, base, used);
}

void Spool::State::tomb_answered(const LogBuffer::Entry& entry, SegmentNumber segment, bool ok) {
  auto* from = segments_.find(entry.tomb_segment);
  if (!ok || from == nullptr || entry.tomb_index >= from->dead.size()) return;
  auto& tomb = from->dead[entry.tomb_index];
  if (tomb.id != entry.id) return;
  ++counters_.tombs_forwarded;
  segments_.rebury(tomb, segment);
}

}  // namespace postern::spool
