// Slots, ids, and which segments a message needs.
#include <algorithm>

#include "firmware/spool/state.hpp"

namespace postern::spool {

Message* Spool::State::find(MessageId id) {
  const auto slot = ids_.find(id);
  return slot == kNoSlot ? nullptr : &slots_[slot];
}

// Shard and second on top, then a count. Never lower than the last one, so a clock that steps back or a
// message rate beyond the count's room costs nothing but the second's truth.
MessageId Spool::State::next_id(WallTime wall) {
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(wall.time_since_epoch()).count();
  const auto born = static_cast<std::uint32_t>(std::clamp<std::int64_t>(second, 0, 0xffffffff));
  const auto fresh = MessageId{settings_.shard} << 56 | MessageId{born} << 24;
  last_id_ = std::max(last_id_ + 1, fresh);
  return last_id_;
}

Slot Spool::State::take_slot(MessageId id) {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    free_slots_.push_back(static_cast<Slot>(slots_.size() - 1));
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot].id = id;
  ids_.insert(id, slot);
  return slot;
}

// The strings and vectors keep their memory for the next message.
void Spool::State::free_slot(Slot slot) {
  auto& message = slots_[slot];
  ids_.erase(message.id);
  Message fresh;
  fresh.turn = message.turn + 1;
  std::swap(fresh.envelope, message.envelope);
  std::swap(fresh.why, message.why);
  fresh.why.clear();
  message = std::move(fresh);
  free_slots_.push_back(slot);
}

void Spool::State::occupy(Message& message, SegmentNumber segment, std::uint64_t bytes) {
  auto& places = message.places;
  if (!places.empty() && places.back().segment == segment && places.back().live) {
    places.back().bytes += bytes;
    segments_.find(segment)->live_bytes += bytes;
    return;
  }
  places.push_back({segment, bytes, true});
  segments_.hold(segment, bytes);
}

// Its records are not needed any more; that they exist is still known.
void Spool::State::unhold(Message& message) {
  for (auto& place : message.places) {
    if (place.live) segments_.release(place.segment, place.bytes);
    place.live = false;
  }
  clear_mark(message.state);
  clear_mark(message.attempt);
}

void Spool::State::set_mark(Mark& mark, SegmentNumber segment, std::uint64_t offset, std::uint64_t bytes) {
  const bool newer = segment > mark.segment || (segment == mark.segment && offset > mark.offset);
  if (!newer) return;
  clear_mark(mark);
  mark = {segment, offset, bytes};
  segments_.hold(segment, bytes);
}

void Spool::State::clear_mark(Mark& mark) {
  if (mark.segment != 0) segments_.release(mark.segment, mark.bytes);
  mark = {};
}

// Nothing is owed for it any more. With `tomb` the disk has to be told; until then the slot stays.
void Spool::State::kill(Slot slot, bool tomb) {
  auto& message = slots_[slot];
  if (message.in_queue()) --queue_size_;
  if (message.phase == Phase::aside) std::erase(aside_, message.id);
  if (message.phase == Phase::taking) idle_remove(slot);
  message.phase = Phase::dead;
  ++message.turn;
  unpin(message);
  drop_chunks(slot);
  if (tomb) {
    message.wants.done = true;
    want_log(slot);
    return;
  }
  unhold(message);
  message.places.clear();
  message.done_durable = true;
  free_if_over(slot);
}

// Its `done` record is durable: its records may go, those in other segments first.
void Spool::State::buried(Slot slot, SegmentNumber done_in) {
  auto& message = slots_[slot];
  unhold(message);
  for (const auto& place : message.places) segments_.bury(message.id, place.segment, done_in);
  if (message.copying) {
    for (const auto& place : copy_.places) segments_.bury(message.id, place.segment, done_in);
  }
  message.places.clear();
  message.done_durable = true;
}

void Spool::State::free_if_over(Slot slot) {
  const auto& message = slots_[slot];
  if (message.phase != Phase::dead || !message.done_durable) return;
  if (message.writes != 0 || message.reads != 0 || message.logs != 0 || message.copying || message.logged)
    return;
  free_slot(slot);
}

}  // namespace postern::spool
