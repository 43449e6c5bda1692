// Copying one message forward: its records again, as the next generation, at the end of the log.
//
// Until the new commit record is durable the old records count; a crash in between leaves an uncommitted
// copy, which is ignored. One order at a time through a buffer of its own, so that reclaiming needs no
// message memory.
#include <algorithm>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/state.hpp"

namespace postern::spool {

void Spool::State::start_copy(Slot slot) {
  auto& message = slots_[slot];
  message.copying = true;
  ++message.generation;
  auto buffer = std::move(copy_.buffer);
  copy_ = Copy{};
  if (!buffer) buffer = std::make_unique_for_overwrite<std::uint8_t[]>(2 * frame_bytes_ + 1024);
  copy_.buffer = std::move(buffer);
  copy_.slot = slot;
  copy_.envelope.resize(envelope_size(message.envelope));
  write_envelope(reinterpret_cast<std::uint8_t*>(copy_.envelope.data()), message.envelope);
}

bool Spool::State::order_copy(DiskOrder& order) {
  if (copy_.slot == kNoSlot) return order_tombs(order);
  if (copy_.busy) return false;
  const auto& message = slots_[copy_.slot];
  if (!message.in_queue() || message.phase == Phase::aside) {
    abort_copy();
    return false;
  }
  if (need_segment(2 * frame_bytes_ + 1024)) return order_header(order);
  if (!copy_.loaded) {
    copy_.used = 0;
    if (copy_.envelope_done < copy_.envelope.size()) copy_envelope();
    const bool body_next = copy_.envelope_done == copy_.envelope.size() && copy_.part < message.parts.size();
    if (body_next && !copy_load(message)) return copy_read(order);
  }
  return copy_write(order);
}

// A record in the buffer. Its place in the log, and so its stamp, is only known when the buffer is written.
void Spool::State::copy_record(RecordHeader header) {
  header.generation = slots_[copy_.slot].generation;
  header.id = slots_[copy_.slot].id;
  auto* at = copy_.buffer.get() + copy_.used;
  copy_.records.emplace_back(copy_.used, header);
  const auto size = record_size(header.length);
  std::memset(at + kRecordHeader + header.length, 0, size - kRecordHeader - header.length);
  copy_.used += size;
}

void Spool::State::copy_envelope() {
  const auto left = as_bytes(copy_.envelope).subspan(copy_.envelope_done);
  const auto piece = left.first(std::min(left.size(), frame_bytes_ - kRecordHeader));
  std::memcpy(copy_.buffer.get() + copy_.used + kRecordHeader, piece.data(), piece.size());
  RecordHeader header;
  header.type = RecordType::envelope;
  header.length = static_cast<std::uint32_t>(piece.size());
  header.sequence = copy_.envelope_records++;
  header.payload_crc = crc32c(0, piece);
  copy_record(header);
  copy_.envelope_done += piece.size();
}

// The next body record from memory; false: it has to be read.
bool Spool::State::copy_load(const Message& message) {
  const auto& part = message.parts[copy_.part];
  if (part.chunk == kNoChunk || chunks_[part.chunk].use != ChunkUse::cached) return false;
  std::memcpy(copy_.buffer.get() + copy_.used + kRecordHeader,
              pool_.data(part.chunk) + chunks_[part.chunk].body_at, part.length);
  copy_.loaded = true;
  return true;
}

bool Spool::State::copy_read(DiskOrder& order) {
  const auto& part = slots_[copy_.slot].parts[copy_.part];
  Outstanding outstanding{Outstanding::What::copy_read};
  outstanding.segment = part.segment;
  outstanding.offset = part.offset;
  outstanding.length = static_cast<std::uint32_t>(record_size(part.length));
  copy_.busy = true;
  issue(order, outstanding, DiskOrder::Kind::read, copy_.buffer.get() + copy_.used);
  return true;
}

bool Spool::State::copy_write(DiskOrder& order) {
  const auto& message = slots_[copy_.slot];
  if (copy_.loaded) copy_body(message);
  const bool all = copy_.envelope_done == copy_.envelope.size() && copy_.part == message.parts.size();
  if (all) copy_commit(message);
  copy_.loaded = false;
  copy_.busy = true;
  const auto offset = place(copy_.used);
  for (const auto& [at, header] : copy_.records) {
    write_record(copy_.buffer.get() + at, header, current_, offset + at);
  }
  copy_.records.clear();
  Outstanding outstanding{Outstanding::What::copy_write};
  outstanding.segment = current_;
  outstanding.offset = offset;
  outstanding.length = static_cast<std::uint32_t>(copy_.used);
  copy_.places.push_back({current_, copy_.used, true});
  segments_.hold(current_, copy_.used);
  issue(order, outstanding, DiskOrder::Kind::write, copy_.buffer.get());
  return true;
}

void Spool::State::copy_body(const Message& message) {
  auto part = message.parts[copy_.part];
  part.segment = current_;
  part.offset = current_used_ + copy_.used;
  RecordHeader header;
  header.type = RecordType::body;
  header.length = part.length;
  header.sequence = copy_.part++;
  header.payload_crc = part.crc;
  copy_record(header);
  copy_.parts.push_back(part);
}

void Spool::State::copy_commit(const Message& message) {
  auto* payload = copy_.buffer.get() + copy_.used + kRecordHeader;
  write_commit(payload,
               {message.size, static_cast<std::uint32_t>(message.parts.size()), copy_.envelope_records,
                message.body_crc, pack(message.marks), message.born, durable()});
  RecordHeader header;
  header.type = RecordType::commit;
  header.length = Commit::kSize;
  header.payload_crc = crc32c(0, {payload, Commit::kSize});
  copy_record(header);
  copy_.commit_placed = true;
}

void Spool::State::copy_answered(const Outstanding& order, DiskAnswer::Status status) {
  copy_.busy = false;
  const auto& message = slots_[copy_.slot];
  const bool ok = status == DiskAnswer::Status::ok;
  const bool alive = message.in_queue() && message.phase != Phase::aside;
  if (order.what == Outstanding::What::copy_read) {
    const bool right = ok && read_is_right(message, copy_.part, copy_.buffer.get() + copy_.used);
    copy_.loaded = alive && right;
    if (alive && right) return;
    const auto slot = copy_.slot;
    abort_copy();
    if (!alive) return;
    ++counters_.read_failed;
    set_aside(slot);
    return emit(EventKind::body_failed, slots_[slot].id);
  }
  if (!ok) write_refused(status);
  if (!ok || !alive) return abort_copy();
  if (copy_.commit_placed) finish_copy();
}

// The copy counts from now on.
void Spool::State::finish_copy() {
  auto& message = slots_[copy_.slot];
  ++counters_.copied_forward;
  for (auto& place : message.places) {
    if (place.live) segments_.release(place.segment, place.bytes);
    place.live = false;
  }
  message.places.insert(message.places.end(), copy_.places.begin(), copy_.places.end());
  const auto gone = [this](const Place& place) { return segments_.find(place.segment) == nullptr; };
  message.places.erase(std::remove_if(message.places.begin(), message.places.end(), gone),
                       message.places.end());
  for (std::size_t i = 0; i < message.parts.size(); ++i) {
    message.parts[i].segment = copy_.parts[i].segment;
    message.parts[i].offset = copy_.parts[i].offset;
  }
  message.copying = false;
  copy_.slot = kNoSlot;
}

// What was copied of it stays in the file as an uncommitted copy; that it is there is remembered for the
// tombs.
void Spool::State::abort_copy() {
  const auto slot = copy_.slot;
  auto& message = slots_[slot];
  ++counters_.copies_given_up;
  for (auto& place : copy_.places) {
    segments_.release(place.segment, place.bytes);
    if (!message.done_durable) message.places.push_back({place.segment, place.bytes, false});
  }
  message.copying = false;
  copy_.slot = kNoSlot;
  free_if_over(slot);
}

}  // namespace postern::spool
