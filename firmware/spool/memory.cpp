// Memory for message bytes: who gets it, who gives it up, who waits for it.
//
// Chunks whose bytes are on disk are only a cache: the oldest go first, except one that a delivery is looking
// at. Those not written yet cannot be given up; where they hold everything, the longest idle message's chunk
// is written early.
#include <algorithm>

#include "firmware/spool/state.hpp"

namespace postern::spool {

void ChunkList::push_back(std::vector<Chunk>& chunks, ChunkIndex chunk) {
  chunks[chunk].before = last;
  chunks[chunk].after = kNoChunk;
  (last == kNoChunk ? first : chunks[last].after) = chunk;
  last = chunk;
}

void ChunkList::remove(std::vector<Chunk>& chunks, ChunkIndex chunk) {
  const auto before = chunks[chunk].before;
  const auto after = chunks[chunk].after;
  (before == kNoChunk ? first : chunks[before].after) = after;
  (after == kNoChunk ? last : chunks[after].before) = before;
}

// A chunk of `wanted` bytes if it can be had by evicting a few, else a smaller one of `least` at least.
ChunkIndex Spool::State::obtain(std::size_t wanted, std::size_t least) {
  constexpr int kEvictMost = 32;
  for (int tries = 0; tries <= kEvictMost; ++tries) {
    for (auto size = wanted;; size = std::max(size / 4, least)) {
      if (const auto index = pool_.take(size); index != kNoChunk) {
        chunks_[index] = Chunk{};
        return index;
      }
      if (size == least || tries < kEvictMost / 2) break;
    }
    if (!evict_one() && tries < kEvictMost / 2) tries = kEvictMost / 2;
  }
  return kNoChunk;
}

bool Spool::State::evict_one() {
  constexpr int kLookMost = 64;
  auto index = cached_.first;
  for (int looked = 0; index != kNoChunk && looked < kLookMost; ++looked) {
    const auto after = chunks_[index].after;
    if (chunks_[index].pins == 0) {
      ++counters_.evicted;
      uncache(index);
      return true;
    }
    cached_.remove(chunks_, index);
    cached_.push_back(chunks_, index);
    index = after;
  }
  return false;
}

void Spool::State::free_chunk(ChunkIndex index) {
  chunks_[index].use = ChunkUse::free;
  pool_.give_back(index);
  memory_freed_ = true;
}

void Spool::State::cache_chunk(ChunkIndex index) {
  chunks_[index].use = ChunkUse::cached;
  cached_.push_back(chunks_, index);
  memory_freed_ = true;  // it can be evicted now
}

void Spool::State::uncache(ChunkIndex index) {
  const auto& chunk = chunks_[index];
  cached_.remove(chunks_, index);
  slots_[chunk.slot].parts[chunk.part].chunk = kNoChunk;
  free_chunk(index);
}

void Spool::State::unpin(Message& message) {
  if (message.pinned == kNoChunk) return;
  --chunks_[message.pinned].pins;
  message.pinned = kNoChunk;
}

// Everything of this message that no order is using.
void Spool::State::drop_chunks(Slot slot) {
  auto& message = slots_[slot];
  if (message.filling != kNoChunk) {
    if (chunks_[message.filling].body_at != 0) message.parts.back().chunk = kNoChunk;
    free_chunk(message.filling);
    message.filling = kNoChunk;
  }
  for (auto& part : message.parts) {
    if (part.chunk == kNoChunk) continue;
    if (chunks_[part.chunk].use == ChunkUse::cached) uncache(part.chunk);
  }
  // Only a message that is being taken has chunks here, and those without a body are in no part.
  auto index = message.writes == 0 ? kNoChunk : ready_.first;
  while (index != kNoChunk) {
    const auto after = chunks_[index].after;
    if (chunks_[index].slot == slot) {
      ready_.remove(chunks_, index);
      free_chunk(index);
      --message.writes;
    }
    index = after;
  }
}

void Spool::State::wait_for_room(Slot slot) {
  auto& message = slots_[slot];
  ++counters_.append_short;
  if (!message.wants_room) {
    message.wants_room = true;
    room_wanted_.push_back(message.id);
  }
  flush_idle(slot);
}

// Only where no write under way will set memory free by itself.
void Spool::State::flush_idle(Slot except) {
  constexpr int kLookMost = 64;
  if (ready_.first != kNoChunk || writes_under_way_ != 0) return;
  for (int looked = 0; looked < kLookMost && idle_first_ != kNoSlot; ++looked) {
    const auto slot = idle_first_;
    idle_remove(slot);
    idle_push(slot);
    if (slot == except || slots_[slot].filling == kNoChunk) continue;
    ++counters_.idle_flushed;
    return seal(slot);
  }
}

// Memory came free: readers first, for delivery makes more room; then those who are taking messages in.
void Spool::State::serve_waiting() {
  constexpr int kRoomsMost = 16;
  if (!memory_freed_) {
    if (!reads_wanted_.empty() || !room_wanted_.empty()) flush_idle(kNoSlot);
    return;
  }
  memory_freed_ = false;
  while (!reads_wanted_.empty()) {
    const auto [id, part] = reads_wanted_.front();
    const auto slot = slot_of(id);
    if (slot != kNoSlot && slots_[slot].in_queue() && !want_part(slot, part)) return;
    if (slot != kNoSlot) slots_[slot].wants_read = false;
    reads_wanted_.pop_front();
  }
  for (int rooms = 0; rooms < kRoomsMost && !room_wanted_.empty(); ++rooms) {
    const auto slot = slot_of(room_wanted_.front());
    if (slot != kNoSlot && slots_[slot].wants_finish && slots_[slot].phase == Phase::committing) {
      if (!commit(slot)) return;
      slots_[slot].wants_finish = false;
    } else if (slot != kNoSlot && slots_[slot].wants_room) {
      emit(EventKind::room, slots_[slot].id);
    }
    if (slot != kNoSlot) slots_[slot].wants_room = false;
    room_wanted_.pop_front();
  }
  memory_freed_ = !room_wanted_.empty();
}

void Spool::State::idle_push(Slot slot) {
  auto& message = slots_[slot];
  message.idle_before = idle_last_;
  message.idle_after = kNoSlot;
  (idle_last_ == kNoSlot ? idle_first_ : slots_[idle_last_].idle_after) = slot;
  idle_last_ = slot;
}

void Spool::State::idle_remove(Slot slot) {
  auto& message = slots_[slot];
  (message.idle_before == kNoSlot ? idle_first_ : slots_[message.idle_before].idle_after) =
      message.idle_after;
  (message.idle_after == kNoSlot ? idle_last_ : slots_[message.idle_after].idle_before) = message.idle_before;
}

}  // namespace postern::spool
