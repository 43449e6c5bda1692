// Reading bodies: from memory where they still are, else back from disk, checked again.
#include <algorithm>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/state.hpp"

namespace postern::spool {

Bytes Spool::State::body(MessageId id, std::uint64_t offset) {
  const auto slot = slot_of(id);
  if (slot == kNoSlot) return {};
  auto& message = slots_[slot];
  unpin(message);
  if (!message.in_queue() || message.phase == Phase::aside || offset >= message.size) return {};
  const auto behind =
      std::upper_bound(message.parts.begin(), message.parts.end(), offset,
                       [](std::uint64_t at, const Part& part) { return at < part.body_offset; });
  const auto index = static_cast<std::uint32_t>(behind - message.parts.begin() - 1);
  // A large message is not kept: what was read before this goes.
  if (index > 0 && message.size > settings_.cached_message_bytes) {
    const auto before = message.parts[index - 1].chunk;
    if (before != kNoChunk && chunks_[before].use == ChunkUse::cached) uncache(before);
  }
  if (!want_part(slot, index)) {
    if (!message.wants_read) reads_wanted_.emplace_back(id, index);
    message.wants_read = true;
    return {};
  }
  const auto chunk = message.parts[index].chunk;
  const bool here = chunks_[chunk].use == ChunkUse::cached;
  if (here) {
    message.pinned = chunk;
    ++chunks_[chunk].pins;
  }
  want_part(slot, index + 1);  // by the time it is asked for it may be there
  if (!here) return {};
  const auto& part = message.parts[index];
  const auto skip = offset - part.body_offset;
  return {pool_.data(chunk) + chunks_[chunk].body_at + skip, static_cast<std::size_t>(part.length - skip)};
}

// The part is in memory, or on its way there; false: no memory for it now.
bool Spool::State::want_part(Slot slot, std::uint32_t index) {
  auto& message = slots_[slot];
  if (index >= message.parts.size() || message.parts[index].chunk != kNoChunk) return true;
  const auto size = record_size(message.parts[index].length);
  const auto memory = obtain(size, size);
  if (memory == kNoChunk) return false;
  auto& chunk = chunks_[memory];
  chunk.use = ChunkUse::reading;
  chunk.slot = slot;
  chunk.part = index;
  chunk.body_at = kRecordHeader;
  chunk.used = static_cast<std::uint32_t>(size);
  message.parts[index].chunk = memory;
  ++message.reads;
  reads_ready_.push_back(memory);
  return true;
}

bool Spool::State::order_read(DiskOrder& order) {
  while (!reads_ready_.empty()) {
    const auto index = reads_ready_.front();
    reads_ready_.pop_front();
    const auto& chunk = chunks_[index];
    auto& message = slots_[chunk.slot];
    if (message.phase == Phase::dead) {
      message.parts[chunk.part].chunk = kNoChunk;
      --message.reads;
      const auto slot = chunk.slot;
      free_chunk(index);
      free_if_over(slot);
      continue;
    }
    const auto& part = message.parts[chunk.part];
    Outstanding outstanding{Outstanding::What::read};
    outstanding.index = index;
    outstanding.slot = chunk.slot;
    outstanding.segment = part.segment;
    outstanding.offset = part.offset;
    outstanding.length = chunk.used;
    issue(order, outstanding, DiskOrder::Kind::read, pool_.data(index));
    return true;
  }
  return false;
}

void Spool::State::read_answered(const Outstanding& order, DiskAnswer::Status status) {
  auto& message = slots_[order.slot];
  const auto part = chunks_[order.index].part;
  --message.reads;
  const bool wanted = message.in_queue() && message.phase != Phase::aside;
  const bool right =
      status == DiskAnswer::Status::ok && read_is_right(message, part, pool_.data(order.index));
  if (wanted && right) {
    ++counters_.read_back;
    cache_chunk(order.index);
    return emit(EventKind::body_ready, message.id);
  }
  message.parts[part].chunk = kNoChunk;
  free_chunk(order.index);
  if (message.phase == Phase::dead) return free_if_over(order.slot);
  if (!wanted) return;
  ++counters_.read_failed;
  set_aside(order.slot);
  emit(EventKind::body_failed, message.id);
}

bool Spool::State::read_is_right(const Message& message, std::uint32_t index,
                                 const std::uint8_t* record) const {
  const auto& part = message.parts[index];
  RecordHeader header;
  return read_header(record, header) && header.type == RecordType::body && header.id == message.id &&
         header.sequence == index && header.length == part.length && header.payload_crc == part.crc &&
         crc32c(0, {record + kRecordHeader, part.length}) == part.crc;
}

// Not tried any more, but not forgotten: someone settles it as failed (and writes its sender) or discards it.
void Spool::State::set_aside(Slot slot) {
  auto& message = slots_[slot];
  ++counters_.set_aside;
  ++message.turn;
  unpin(message);
  message.phase = Phase::aside;
  aside_.push_back(message.id);
}

}  // namespace postern::spool
