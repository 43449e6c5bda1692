// Gathers the records of all segments into messages: what recovery and the reading tools start from.
//
// It only collects and judges; it decides nothing. Records of one message come in any generation (a copy
// forward repeats them); the highest whole, committed one is the message. `done` ends a message for good,
// wherever it stands.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "firmware/spool/record.hpp"
#include "firmware/spool/scanner.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::spool {

struct RecoveredPart {
  SegmentNumber segment = 0;
  std::uint64_t offset = 0;  // of the body record
  std::uint32_t length = 0;
  std::uint32_t crc = 0;
};

struct RecoveredCopy {
  std::uint16_t generation = 0;
  bool broken = false;     // a record of it is damaged or missing
  bool committed = false;  // there is a commit record, if a damaged one
  Position commit_at;
  std::string envelope;
  std::uint32_t envelope_records = 0;
  std::uint64_t size = 0;
  std::uint32_t body_crc = 0;
  std::vector<RecoveredPart> parts;
  Commit commit;

  bool whole() const;
};

struct RecoveredMark {
  SegmentNumber segment = 0;  // 0: none
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

struct RecoveredMessage {
  boost::container::small_vector<RecoveredCopy, 1> copies;
  // Bytes of data records by segment, with the copy they belong to.
  struct Use {
    SegmentNumber segment;
    std::uint16_t generation;
    std::uint64_t bytes;
  };
  boost::container::small_vector<Use, 2> uses;
  RecoveredMark state;
  std::vector<std::uint8_t> progress;  // payload of the last state record
  RecoveredMark attempt;
  bool attempt_open = false;  // no state record after the last attempt
  SegmentNumber done_in = 0;

  // The copy that counts: whole, and the highest of those. Null: none.
  const RecoveredCopy* best() const;
};

class Catalogue final : public RecordSink {
 public:
  using Damages = std::vector<Spool::Damage>;

  void record(SegmentNumber segment, std::uint64_t offset, const RecordHeader& header,
              Bytes payload) override;
  void broken(SegmentNumber segment, std::uint64_t offset, const RecordHeader& header) override;
  void damage(SegmentNumber segment, std::uint64_t offset, std::uint64_t length,
              std::string_view what) override;

  std::unordered_map<MessageId, RecoveredMessage>& messages() { return messages_; }
  const std::unordered_map<MessageId, RecoveredMessage>& messages() const { return messages_; }
  // It was stored once, for certain, and its content is not whole any more. A commit record alone does not
  // say so: a crash may have kept it and lost what was written with it.
  bool is_lost(const RecoveredMessage& message) const;
  const Damages& damages() const { return damages_; }
  MessageId high_water() const { return high_water_; }
  SegmentNumber last_segment() const { return last_segment_; }
  std::uint64_t records() const { return records_; }

 private:
  RecoveredCopy& copy(RecoveredMessage& message, std::uint16_t generation);
  void take_data(RecoveredMessage& message, SegmentNumber segment, std::uint64_t offset,
                 const RecordHeader& header, Bytes payload);
  void use(RecoveredMessage& message, SegmentNumber segment, const RecordHeader& header);
  void seen(SegmentNumber segment, std::uint64_t id);
  void witness(SegmentNumber segment, const Position& durable);

  std::unordered_map<MessageId, RecoveredMessage> messages_;
  Damages damages_;
  MessageId high_water_ = 0;
  SegmentNumber last_segment_ = 0;
  std::uint64_t records_ = 0;
  // By the first segment of a run, how far it is known to have been durable.
  std::map<SegmentNumber, Position> durable_;
  std::map<SegmentNumber, SegmentNumber> run_of_;
};

}  // namespace postern::spool
