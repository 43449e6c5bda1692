// Start: from the catalogue of what is on disk to the queue.
#include <algorithm>

#include "firmware/spool/state.hpp"

namespace postern::spool {

void Spool::State::recover(SegmentNumber segment, std::uint64_t offset, Bytes bytes) {
  if (scanning_ != segment) {
    scanner_.start(segment, settings_.salt);
    scanning_ = segment;
  }
  scanner_.feed(offset, bytes, *catalogue_);
}

void Spool::State::recover_segment_end(SegmentNumber segment, std::uint64_t size) {
  if (scanning_ == segment) scanner_.end(*catalogue_);
  scanning_ = 0;
  segments_.add(segment).size = size;
}

void Spool::State::recovered(Now now) {
  now_ = now;
  scanner_ = Scanner{};
  damage_.insert(damage_.end(), catalogue_->damages().begin(), catalogue_->damages().end());
  for (const auto& damage : damage_) counters_.damaged_bytes += damage.length;
  counters_.damaged_regions += damage_.size();
  // Ids in a torn tail are not known; nobody was told of them, but they may stand in a log.
  constexpr MessageId kSkip = 1u << 16;
  if (catalogue_->high_water() != 0) last_id_ = std::max(last_id_, catalogue_->high_water() + kSkip);
  next_segment_ = std::max(next_segment_, std::max(segments_.newest(), catalogue_->last_segment()) + 1);
  newest_durable_ = segments_.newest();
  std::vector<MessageId> ids;
  ids.reserve(catalogue_->messages().size());
  for (const auto& [id, message] : catalogue_->messages()) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  // Each is let go as soon as it is in the queue: both at once would take twice the memory.
  for (const auto id : ids) {
    const auto found = catalogue_->messages().find(id);
    adopt(found->second, id, now);
    catalogue_->messages().erase(found);
  }
  catalogue_.reset();
  segments_.look_again();
  choose_victim_ = true;
}

void Spool::State::adopt(RecoveredMessage& found, MessageId id, Now now) {
  if (found.done_in != 0) {
    SegmentNumber last = 0;
    for (const auto& use : found.uses) {
      if (use.segment != last) segments_.bury(id, use.segment, found.done_in);
      last = use.segment;
    }
    return;
  }
  const auto* copy = found.best();
  if (copy == nullptr && !catalogue_->is_lost(found)) {
    if (!found.copies.empty()) ++counters_.recovered_incomplete;
    return;
  }
  const auto slot = take_slot(id);
  auto& message = slots_[slot];
  const bool readable = copy != nullptr && read_envelope(as_bytes(copy->envelope), message.envelope);
  if (!readable) {  // the words of any copy that can still be read, for a bounce
    for (const auto& other : found.copies) {
      if (read_envelope(as_bytes(other.envelope), message.envelope)) break;
      message.envelope = {};
    }
    damage_.push_back({found.uses.front().segment, 0, 0, "message with damaged or missing records", id});
  }
  adopt_places(message, found, readable ? copy : nullptr);
  message.commit_issued = true;
  ++queue_size_;
  adopt_progress(message, found, now);
  if (!readable) {
    ++counters_.recovered_damaged;
    return set_aside(slot);
  }
  ++counters_.recovered;
  message.size = copy->size;
  message.body_crc = copy->body_crc;
  message.marks = unpack(copy->commit.marks);
  message.envelope_records = copy->envelope_records;
  std::uint64_t at = 0;
  for (const auto& part : copy->parts) {
    message.parts.push_back({part.segment, part.offset, at, part.length, part.crc, kNoChunk});
    at += part.length;
  }
  // Walls may have been set since: never later than the longest pause from now.
  const auto wait = std::clamp(Duration(message.next_wall) - now.wall.time_since_epoch(), Duration(0),
                               settings_.retry_most);
  const bool at_once = found.attempt_open || message.attempts == 0;
  schedule(slot, at_once ? now.instant : now.instant + wait);
}

// Records of the copy that counts are needed; where others lie is remembered for the tombs. Without one all
// are kept.
void Spool::State::adopt_places(Message& message, const RecoveredMessage& found, const RecoveredCopy* copy) {
  for (const auto& use : found.uses) {
    message.generation = std::max(message.generation, use.generation);
    const bool live = copy == nullptr || use.generation == copy->generation;
    message.places.push_back({use.segment, use.bytes, live});
    if (live) segments_.hold(use.segment, use.bytes);
  }
  const auto mark = [this](Mark& to, const RecoveredMark& from) {
    if (from.segment != 0) set_mark(to, from.segment, from.offset, from.bytes);
  };
  mark(message.state, found.state);
  if (found.attempt_open) mark(message.attempt, found.attempt);
}

void Spool::State::adopt_progress(Message& message, const RecoveredMessage& found, Now now) {
  const RecoveredCopy* committed = found.best();
  message.born =
      committed != nullptr ? committed->commit.born : message.envelope.arrival.time_since_epoch().count();
  const auto age = std::max(now.wall.time_since_epoch() - Duration(message.born), Duration(0));
  message.expires = now.instant + std::max(settings_.queue_life - age, Duration(0));
  if (found.attempt_open) ++counters_.recovered_doubtful;
  Progress progress;
  if (!read_progress(found.progress, progress)) return;
  message.attempts = progress.attempts;
  message.next_wall = progress.next;
  message.why = std::move(progress.why);
  message.delay_told = progress.delay_told;
  message.held = progress.held;
  message.returned = progress.returned;
  if (message.returned) message.expires = now.instant;
  message.route = std::move(progress.route);
  for (auto& [recipient, verdict] : progress.verdicts) {
    if (recipient < message.envelope.recipients.size())
      message.verdicts.insert_or_assign(recipient, std::move(verdict));
  }
}

}  // namespace postern::spool
