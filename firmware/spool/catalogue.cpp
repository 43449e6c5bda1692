// The catalogue of recovered messages.
#include "firmware/spool/catalogue.hpp"

#include <algorithm>

#include "firmware/spool/crc32c.hpp"

namespace postern::spool {

bool RecoveredCopy::whole() const {
  return committed && !broken && envelope_records == commit.envelope_records &&
         parts.size() == commit.body_records && size == commit.size && body_crc == commit.body_crc;
}

const RecoveredCopy* RecoveredMessage::best() const {
  const RecoveredCopy* best = nullptr;
  for (const auto& copy : copies) {
    if (copy.whole() && (best == nullptr || copy.generation > best->generation)) best = &copy;
  }
  return best;
}

bool Catalogue::is_lost(const RecoveredMessage& message) const {
  if (message.done_in != 0 || message.copies.empty() || message.best() != nullptr) return false;
  // Attempts and states are only written of what was stored.
  if (message.state.segment != 0 || message.attempt.segment != 0) return true;
  return std::any_of(message.copies.begin(), message.copies.end(), [this](const auto& copy) {
    if (!copy.committed) return false;
    const auto run = run_of_.find(copy.commit_at.segment);
    const auto known = durable_.find(run == run_of_.end() ? copy.commit_at.segment : run->second);
    return known != durable_.end() && copy.commit_at < known->second;
  });
}

// All before `durable` in the run of this segment was on disk once.
void Catalogue::witness(SegmentNumber segment, const Position& durable) {
  const auto run = run_of_.find(segment);
  auto& known = durable_[run == run_of_.end() ? segment : run->second];
  known = std::max(known, durable);
}

RecoveredCopy& Catalogue::copy(RecoveredMessage& message, std::uint16_t generation) {
  for (auto& known : message.copies) {
    if (known.generation == generation) return known;
  }
  message.copies.emplace_back().generation = generation;
  return message.copies.back();
}

void Catalogue::seen(SegmentNumber segment, std::uint64_t id) {
  high_water_ = std::max(high_water_, id);
  last_segment_ = std::max(last_segment_, segment);
}

void Catalogue::record(SegmentNumber segment, std::uint64_t offset, const RecordHeader& header,
                       Bytes payload) {
  ++records_;
  if (header.type == RecordType::segment) {
    SegmentInfo info;
    const bool known = read_segment_info(payload, info);
    if (known) run_of_[segment] = info.run;
    return seen(segment, known ? info.high_water : 0);
  }
  seen(segment, header.id);
  auto& message = messages_[header.id];
  const RecoveredMark mark{segment, offset, record_size(header.length)};
  switch (header.type) {
    case RecordType::attempt:
      message.attempt = mark;
      message.attempt_open = true;
      return;
    case RecordType::state:
      message.state = mark;
      message.attempt_open = false;
      message.progress.assign(payload.begin(), payload.end());
      return;
    case RecordType::done:
      message.done_in = segment;
      message.copies.clear();
      message.progress.clear();
      return;
    default:
      return take_data(message, segment, offset, header, payload);
  }
}

void Catalogue::use(RecoveredMessage& message, SegmentNumber segment, const RecordHeader& header) {
  const auto bytes = record_size(header.length);
  if (!message.uses.empty() && message.uses.back().segment == segment &&
      message.uses.back().generation == header.generation) {
    message.uses.back().bytes += bytes;
  } else {
    message.uses.push_back({segment, header.generation, bytes});
  }
}

void Catalogue::take_data(RecoveredMessage& message, SegmentNumber segment, std::uint64_t offset,
                          const RecordHeader& header, Bytes payload) {
  use(message, segment, header);
  if (message.done_in != 0) return;
  auto& into = copy(message, header.generation);
  if (header.type == RecordType::envelope) {
    into.broken = into.broken || header.sequence != into.envelope_records;
    into.envelope += as_text(payload);
    ++into.envelope_records;
  } else if (header.type == RecordType::body) {
    into.broken = into.broken || header.sequence != into.parts.size();
    into.parts.push_back({segment, offset, header.length, header.payload_crc});
    into.body_crc = crc32c_combine(into.body_crc, header.payload_crc, header.length);
    into.size += header.length;
  } else {
    into.committed = read_commit(payload, into.commit);
    into.commit_at = {segment, offset};
    witness(segment, into.commit.durable);
  }
}

void Catalogue::broken(SegmentNumber segment, std::uint64_t offset, const RecordHeader& header) {
  seen(segment, header.id);
  if (header.type == RecordType::segment) return;
  auto& message = messages_[header.id];
  const bool data = header.type == RecordType::envelope || header.type == RecordType::body ||
                    header.type == RecordType::commit;
  if (!data) return;
  use(message, segment, header);  // its generation is taken, even if it never was whole
  if (message.done_in != 0) return;
  auto& into = copy(message, header.generation);
  into.broken = true;
  if (header.type != RecordType::commit) return;
  into.committed = true;
  into.commit_at = {segment, offset};
}

void Catalogue::damage(SegmentNumber segment, std::uint64_t offset, std::uint64_t length,
                       std::string_view what) {
  last_segment_ = std::max(last_segment_, segment);
  damages_.push_back({segment, offset, length, what});
}

}  // namespace postern::spool
