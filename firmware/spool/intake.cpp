// Taking messages in: the envelope, then body bytes as they come, then the commit record.
//
// A chunk always keeps room for a commit record behind its body, so that finish() never needs memory where a
// chunk is open. A small message is one chunk: envelope, body and commit in one write.
#include <algorithm>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/state.hpp"

namespace postern::spool {
namespace {

constexpr std::size_t kCommitRoom = record_size(Commit::kSize);
// An open chunk has at least this many bytes for the body.
constexpr std::size_t kBodyLeast = 64;

void pad(std::uint8_t* data, std::uint32_t& used) {
  while (used % 8 != 0) data[used++] = 0;
}

}  // namespace

Result<MessageId> Spool::State::begin(const mail::Envelope& envelope, Now now) {
  if (ids_.size() >= settings_.messages) {
    ++counters_.refused_full;
    return fail("the queue is full");
  }
  if (refused_no_space_ || disk_free_ < disk_reserve_) {
    ++counters_.refused_no_space;
    return fail("the disk is full");
  }
  // So that a state record with all verdicts always fits one log buffer.
  if (envelope.recipients.size() > frame_bytes_ / 24) {
    ++counters_.refused_envelope;
    return fail("more recipients than one message may have");
  }
  ++counters_.begun;
  const auto slot = take_slot(next_id(now.wall));
  auto& message = slots_[slot];
  message.phase = Phase::taking;
  message.envelope = envelope;
  message.born = now.wall.time_since_epoch().count();
  message.expires = now.instant + settings_.queue_life;
  idle_push(slot);
  return message.id;
}

std::size_t Spool::State::append(MessageId id, Bytes bytes) {
  const auto slot = slot_of(id);
  if (slot == kNoSlot || slots_[slot].phase != Phase::taking) return bytes.size();
  auto& message = slots_[slot];
  if (message.failed) return bytes.size();  // not_stored follows finish()
  idle_remove(slot);
  idle_push(slot);
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const auto left = bytes.size() - taken;
    if (message.filling == kNoChunk && !open_chunk(slot, left)) {
      wait_for_room(slot);
      break;
    }
    auto& chunk = chunks_[message.filling];
    const auto room = std::min(left, body_room(chunk, message.filling));
    if (room == 0) {
      if (!grow(slot, left)) seal(slot);
      continue;
    }
    const auto piece = bytes.subspan(taken, room);
    std::memcpy(pool_.data(message.filling) + chunk.used, piece.data(), room);
    auto& record = chunk.records[chunk.record_count - 1u];
    record.crc = crc32c(record.crc, piece);
    record.length += static_cast<std::uint32_t>(room);
    chunk.used += static_cast<std::uint32_t>(room);
    message.size += room;
    taken += room;
  }
  return taken;
}

std::size_t Spool::State::body_room(const Chunk& chunk, ChunkIndex index) const {
  const auto most = pool_.capacity(index) - kCommitRoom - 8;
  const auto in_chunk = most > chunk.used ? most - chunk.used : 0;
  const auto in_record = settings_.chunk_bytes - chunk.records[chunk.record_count - 1u].length;
  return std::min<std::size_t>(in_chunk, in_record);
}

// Memory for the next bytes: the envelope in front if it is not written yet, then an open body record.
bool Spool::State::open_chunk(Slot slot, std::size_t more) {
  auto& message = slots_[slot];
  while (message.envelope_records == 0 || !message.envelope_rest.empty()) {
    if (message.envelope_records == 0 && message.envelope_rest.empty()) {
      const auto size = envelope_size(message.envelope);
      const auto most = frame_bytes_ - 2 * kRecordHeader - kCommitRoom - kBodyLeast - 16;
      if (size <= most) {
        const auto least = record_size(size) + kRecordHeader + kBodyLeast + kCommitRoom + 8;
        const auto expected = std::max<std::uint64_t>(
            more, std::min(message.envelope.declared_size, std::uint64_t{frame_bytes_}));
        const auto index = obtain(std::min<std::size_t>(least + expected, frame_bytes_), least);
        if (index == kNoChunk) return false;
        message.filling = index;
        chunks_[index].slot = slot;
        put_envelope(message, chunks_[index], index);
        open_body(slot, chunks_[index]);
        return true;
      }
      message.envelope_rest.resize(size);
      write_envelope(reinterpret_cast<std::uint8_t*>(message.envelope_rest.data()), message.envelope);
    }
    if (!open_envelope_chunk(slot)) return false;
  }
  const auto least = kRecordHeader + kBodyLeast + kCommitRoom + 8;
  const auto known =
      message.envelope.declared_size > message.size ? message.envelope.declared_size - message.size : more;
  const auto wanted =
      message.parts.empty() || message.envelope.declared_size != 0 ? known : std::uint64_t{frame_bytes_};
  const auto index =
      obtain(static_cast<std::size_t>(std::min<std::uint64_t>(least + wanted, frame_bytes_)), least);
  if (index == kNoChunk) return false;
  message.filling = index;
  chunks_[index].slot = slot;
  open_body(slot, chunks_[index]);
  return true;
}

// A large envelope goes ahead in pieces of its own.
bool Spool::State::open_envelope_chunk(Slot slot) {
  auto& message = slots_[slot];
  const auto index = obtain(frame_bytes_, kRecordHeader + kBodyLeast);
  if (index == kNoChunk) return false;
  auto& chunk = chunks_[index];
  chunk.slot = slot;
  const auto room = (pool_.capacity(index) - kRecordHeader) & ~std::size_t{7};
  const auto length = std::min(room, message.envelope_rest.size());
  const auto piece = as_bytes(message.envelope_rest).first(length);
  auto* data = pool_.data(index);
  std::memcpy(data + kRecordHeader, piece.data(), length);
  chunk.records[0] = {RecordType::envelope, 0, static_cast<std::uint32_t>(length), message.envelope_records++,
                      crc32c(0, piece)};
  chunk.record_count = 1;
  chunk.used = static_cast<std::uint32_t>(kRecordHeader + length);
  pad(data, chunk.used);
  message.envelope_rest.erase(0, length);
  chunk.use = ChunkUse::ready;
  ready_.push_back(chunks_, index);
  ++message.writes;
  return true;
}

void Spool::State::put_envelope(Message& message, Chunk& chunk, ChunkIndex index) {
  auto* data = pool_.data(index);
  const auto size = static_cast<std::uint32_t>(envelope_size(message.envelope));
  write_envelope(data + kRecordHeader, message.envelope);
  chunk.records[0] = {RecordType::envelope, 0, size, message.envelope_records++,
                      crc32c(0, {data + kRecordHeader, size})};
  chunk.record_count = 1;
  chunk.used = static_cast<std::uint32_t>(kRecordHeader) + size;
  pad(data, chunk.used);
}

void Spool::State::open_body(Slot slot, Chunk& chunk) {
  auto& message = slots_[slot];
  auto& record = chunk.records[chunk.record_count++];
  record = {RecordType::body, chunk.used, 0, static_cast<std::uint32_t>(message.parts.size()), 0};
  chunk.use = ChunkUse::filling;
  chunk.used += kRecordHeader;
  chunk.body_at = chunk.used;
  chunk.part = record.sequence;
  Part part;
  part.body_offset = message.size;
  part.chunk = message.filling;
  message.parts.push_back(part);
}

// A small chunk that turns out too small is exchanged for a larger one: one copy of few bytes.
bool Spool::State::grow(Slot slot, std::size_t more) {
  auto& message = slots_[slot];
  const auto old = message.filling;
  const auto length = chunks_[old].records[chunks_[old].record_count - 1u].length;
  if (pool_.capacity(old) * 2 > pool_.largest() || length >= settings_.chunk_bytes) return false;
  const auto wanted =
      std::min(std::max(pool_.capacity(old) + 1, chunks_[old].used + more + kCommitRoom + 8), frame_bytes_);
  const auto index = obtain(wanted, pool_.capacity(old) + 1);
  if (index == kNoChunk) return false;
  std::memcpy(pool_.data(index), pool_.data(old), chunks_[old].used);
  chunks_[index] = chunks_[old];
  message.filling = index;
  message.parts.back().chunk = index;
  free_chunk(old);
  return true;
}

// The open body record is complete: its numbers are final.
void Spool::State::close_body(Message& message, Chunk& chunk, ChunkIndex index) {
  auto& record = chunk.records[chunk.record_count - 1u];
  if (record.type != RecordType::body) return;
  if (record.length == 0) {  // an empty body: no record of it
    chunk.used = record.at;
    chunk.body_at = 0;
    --chunk.record_count;
    message.parts.pop_back();
    return;
  }
  auto& part = message.parts.back();
  part.length = record.length;
  part.crc = record.crc;
  message.body_crc =
      message.parts.size() == 1 ? record.crc : crc32c_combine(message.body_crc, record.crc, record.length);
  pad(pool_.data(index), chunk.used);
}

// The open chunk goes to the disk.
void Spool::State::seal(Slot slot) {
  auto& message = slots_[slot];
  const auto index = message.filling;
  auto& chunk = chunks_[index];
  if (!chunk.has_commit) close_body(message, chunk, index);
  message.filling = kNoChunk;
  if (chunk.used == 0) return free_chunk(index);
  chunk.use = ChunkUse::ready;
  ready_.push_back(chunks_, index);
  ++message.writes;
}

void Spool::State::finish(MessageId id, Now now, const Marks& marks) {
  const auto slot = slot_of(id);
  if (slot == kNoSlot || slots_[slot].phase != Phase::taking) return;
  auto& message = slots_[slot];
  now_ = now;
  message.expires = now.instant + settings_.queue_life;
  message.born = now.wall.time_since_epoch().count();
  message.marks = marks;
  idle_remove(slot);
  message.phase = Phase::committing;
  if (message.failed) return settle_commit(slot);
  if (!commit(slot)) {
    message.wants_finish = true;
    room_wanted_.push_back(id);
  }
}

// Puts the commit record behind the body and lets the last chunk go. False: no memory for it now.
bool Spool::State::commit(Slot slot) {
  auto& message = slots_[slot];
  if (message.filling == kNoChunk && !open_chunk(slot, 0)) return false;
  const auto index = message.filling;
  auto& chunk = chunks_[index];
  auto* data = pool_.data(index);
  close_body(message, chunk, index);
  const Commit commit{message.size,
                      static_cast<std::uint32_t>(message.parts.size()),
                      message.envelope_records,
                      message.body_crc,
                      pack(message.marks),
                      message.born,
                      durable()};
  auto* payload = data + chunk.used + kRecordHeader;
  write_commit(payload, commit);
  chunk.records[chunk.record_count++] = {RecordType::commit, chunk.used, Commit::kSize, 0,
                                         crc32c(0, {payload, Commit::kSize})};
  chunk.used += static_cast<std::uint32_t>(kCommitRoom);
  chunk.has_commit = true;
  seal(slot);
  return true;
}

// Before finish() the session gave up; after it, the 250 was not sent, so the message may still be forgotten.
void Spool::State::abandon(MessageId id) {
  const auto slot = slot_of(id);
  if (slot == kNoSlot) return;
  const auto& message = slots_[slot];
  if (message.phase != Phase::taking && message.phase != Phase::committing) return;
  ++counters_.abandoned;
  kill(slot, message.commit_issued);
}

// The disk refused a part of it. What comes is swallowed; finish() gets the answer.
void Spool::State::fail_message(Slot slot, bool no_space) {
  auto& message = slots_[slot];
  if (message.failed || message.phase == Phase::dead) return;
  message.failed = true;
  message.no_space = no_space;
  drop_chunks(slot);
  if (message.phase == Phase::committing) settle_commit(slot);
}

// A finished message whose last write was answered, or that failed.
void Spool::State::settle_commit(Slot slot) {
  auto& message = slots_[slot];
  if (message.failed) {
    ++(message.no_space ? counters_.not_stored_no_space : counters_.not_stored_failed);
    emit(EventKind::not_stored, message.id, message.no_space);
    // The commit may be on disk all the same: a `done` record keeps it from coming back.
    return kill(slot, message.commit_issued);
  }
  if (message.writes != 0 || !message.commit_issued) return;
  ++counters_.stored;
  counters_.stored_bytes += message.size;
  enqueue(slot);
  emit(EventKind::stored, message.id);
}

}  // namespace postern::spool
