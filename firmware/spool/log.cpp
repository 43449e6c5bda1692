// The log: that a delivery was started, how it went, that a message is done.
//
// A message is in the queue for the log at most once, and what is said of it is taken from it when the record
// is made: changes that come faster than the disk become one record. Buffers are the log's own, so that it
// never waits for message memory.
#include <algorithm>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/state.hpp"

namespace postern::spool {

void Spool::State::want_log(Slot slot) {
  auto& message = slots_[slot];
  if (message.logged) return;
  message.logged = true;
  log_queue_.push_back(slot);
}

bool Spool::State::order_log(DiskOrder& order) {
  if (log_queue_.empty() || log_paused_) return false;
  const auto log =
      std::find_if(logs_.begin(), logs_.end(), [](const auto& buffer) { return !buffer.in_use; });
  if (log == logs_.end()) return false;
  if (need_segment(frame_bytes_)) return order_header(order);
  log->entries.clear();
  const auto base = current_used_;
  std::uint64_t used = 0;
  while (!log_queue_.empty()) {
    const auto slot = log_queue_.front();
    auto& message = slots_[slot];
    if (!log_message(message, *log, base, used)) break;
    log_queue_.pop_front();
    message.logged = false;
    free_if_over(slot);
  }
  return used != 0 && issue_log(order, *log, base, used);
}

bool Spool::State::issue_log(DiskOrder& order, LogBuffer& log, std::uint64_t base, std::uint64_t used) {
  log.in_use = true;
  place(used);
  Outstanding outstanding{Outstanding::What::log};
  outstanding.index = static_cast<std::uint32_t>(&log - logs_.data());
  outstanding.segment = current_;
  outstanding.offset = base;
  outstanding.length = static_cast<std::uint32_t>(used);
  issue(order, outstanding, DiskOrder::Kind::write, log.bytes.get());
  return true;
}

// All that is wanted of one message, `done` alone where it is; false: the buffer is full.
bool Spool::State::log_message(Message& message, LogBuffer& log, std::uint64_t base, std::uint64_t& used) {
  auto& wants = message.wants;
  if (wants.done) {
    if (!log_record(message, RecordType::done, log, base, used)) return false;
    wants = {};
    return true;
  }
  if (message.phase == Phase::dead) wants = {};
  if (wants.attempt && !log_record(message, RecordType::attempt, log, base, used)) return false;
  wants.attempt = false;
  if (wants.state && !log_record(message, RecordType::state, log, base, used)) return false;
  wants.state = false;
  return true;
}

bool Spool::State::log_record(Message& message, RecordType type, LogBuffer& log, std::uint64_t base,
                              std::uint64_t& used) {
  auto* at = log.bytes.get() + used;
  if (used + kRecordHeader > frame_bytes_ || log.entries.size() == log.entries.capacity()) return false;
  const auto room = frame_bytes_ - used - kRecordHeader;
  const auto length = log_payload(message, type, {at + kRecordHeader, room & ~std::size_t{7}}, used == 0);
  if (length == 0) return false;
  RecordHeader header{type,
                      message.generation,
                      static_cast<std::uint32_t>(length),
                      0,
                      crc32c(0, {at + kRecordHeader, length}),
                      message.id,
                      0};
  write_record(at, header, current_, base + used);
  const auto size = record_size(length);
  std::memset(at + kRecordHeader + length, 0, size - kRecordHeader - length);
  log.entries.push_back({message.id, type, base + used, size});
  used += size;
  ++message.logs;
  ++counters_.log_records;
  return true;
}

// A `done` record of a message that has no slot any more.
bool Spool::State::put_done(MessageId id, LogBuffer& log, std::uint64_t base, std::uint64_t& used) {
  constexpr auto kSize = record_size(8);
  if (used + kSize > frame_bytes_ || log.entries.size() == log.entries.capacity()) return false;
  auto* at = log.bytes.get() + used;
  store_be64(at + kRecordHeader, static_cast<std::uint64_t>(now_.wall.time_since_epoch().count()));
  RecordHeader header{RecordType::done, 0, 8, 0, crc32c(0, {at + kRecordHeader, 8}), id, 0};
  write_record(at, header, current_, base + used);
  log.entries.push_back({id, RecordType::done, base + used, kSize});
  used += kSize;
  return true;
}

// Gives 0 where it does not fit. Words of verdicts are shortened only where an empty buffer is too small for
// them.
std::size_t Spool::State::log_payload(const Message& message, RecordType type, MutableBytes room,
                                      bool alone) const {
  if (type == RecordType::done) {
    if (room.size() < 8) return 0;
    store_be64(room.data(), static_cast<std::uint64_t>(now_.wall.time_since_epoch().count()));
    return 8;
  }
  if (type == RecordType::attempt) {
    const auto recipients = message.envelope.recipients.size();
    if (room.size() < 16 + 4 * recipients) return 0;
    store_be64(room.data(), static_cast<std::uint64_t>(now_.wall.time_since_epoch().count()));
    store_be32(room.data() + 8, message.attempts + 1);
    std::uint32_t owed = 0;
    for (std::uint32_t i = 0; i < recipients; ++i) {
      if (message.owes(i)) store_be32(room.data() + 16 + 4 * owed++, i);
    }
    store_be32(room.data() + 12, owed);
    return 16 + 4 * owed;
  }
  Progress progress{message.attempts,   message.next_wall, message.why,      {},
                    message.delay_told, message.held,      message.returned, message.route};
  progress.verdicts.assign(message.verdicts.begin(), message.verdicts.end());
  return write_progress(room, progress, alone);
}

void Spool::State::log_answered(const Outstanding& order, DiskAnswer::Status status) {
  auto& log = logs_[order.index];
  log.in_use = false;
  const bool ok = status == DiskAnswer::Status::ok;
  if (!ok) {
    write_refused(status);
    log_paused_ = true;
  }
  for (const auto& entry : log.entries) log_entry_answered(entry, order.segment, ok);
}

void Spool::State::log_entry_answered(const LogBuffer::Entry& entry, SegmentNumber segment, bool ok) {
  if (entry.tomb_segment != 0) return tomb_answered(entry, segment, ok);
  const auto slot = slot_of(entry.id);
  if (slot == kNoSlot) return;
  auto& message = slots_[slot];
  --message.logs;
  if (!ok) {  // say it again later, as it is then
    if (message.done_durable) return free_if_over(slot);
    message.wants.attempt = message.wants.attempt || entry.type == RecordType::attempt;
    message.wants.state = message.wants.state || entry.type == RecordType::state;
    message.wants.done = message.wants.done || entry.type == RecordType::done;
    return want_log(slot);
  }
  if (entry.type == RecordType::done) {
    buried(slot, segment);
    return free_if_over(slot);
  }
  if (message.phase == Phase::dead) return free_if_over(slot);
  if (entry.type == RecordType::attempt) return set_mark(message.attempt, segment, entry.at, entry.bytes);
  set_mark(message.state, segment, entry.at, entry.bytes);
  const auto& attempt = message.attempt;
  const bool over = attempt.segment < segment || (attempt.segment == segment && attempt.offset < entry.at);
  if (over) clear_mark(message.attempt);
}

}  // namespace postern::spool
