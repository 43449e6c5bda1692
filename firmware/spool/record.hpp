// One record of a segment file: a 40-byte header, the payload, zeros up to the next multiple of 8.
// FORMAT.md describes the file; this is its code.
//
// The header's own sum covers the payload's sum, so an intact header says for certain whose record it is and
// how long it is, even where the payload is damaged. The stamp ties a record to its place and to this spool's
// salt: bytes of a mail that look like a record, and records from another place, are never taken for one.
#pragma once

#include <compare>
#include <cstdint>

#include "firmware/spool/disk.hpp"
#include "firmware/spool/marks.hpp"
#include "platform/base/bytes.hpp"

namespace postern::spool {

enum class RecordType : std::uint8_t {
  segment = 1,   // first of each file: salt, shard, highest message id given out before
  envelope = 2,  // `sequence`-th piece of the envelope
  body = 3,      // `sequence`-th piece of the body
  commit = 4,    // the message is whole: sizes and the body's sum
  attempt = 5,   // a delivery was started
  state = 6,     // all verdicts so far, attempts, next try; the last one counts
  done = 7,      // nothing is owed any more; for ever
};

inline constexpr std::size_t kRecordHeader = 40;
inline constexpr std::uint32_t kRecordMost = 4u << 20;     // bytes of a payload
inline constexpr std::uint32_t kRecordMagic = 0x50535231;  // "PSR1"

struct RecordHeader {
  RecordType type = RecordType::segment;
  std::uint16_t generation = 0;  // of a message's copy; the highest committed one counts
  std::uint32_t length = 0;      // of the payload
  std::uint32_t sequence = 0;
  std::uint32_t payload_crc = 0;
  std::uint64_t id = 0;
  std::uint64_t stamp = 0;
};

constexpr std::uint64_t padded(std::uint64_t length) {
  return (length + 7) & ~std::uint64_t{7};
}
constexpr std::uint64_t record_size(std::uint64_t payload) {
  return kRecordHeader + padded(payload);
}

// What a record at this place carries.
std::uint64_t record_stamp(std::uint64_t salt, SegmentNumber segment, std::uint64_t offset);

// Writes the header's 40 bytes.
void write_header(std::uint8_t* at, const RecordHeader& header);
// Reads 40 bytes; false where magic, version, type, length or the header's sum is wrong. The stamp is the
// caller's to compare.
bool read_header(const std::uint8_t* at, RecordHeader& header);

// A place in the log.
struct Position {
  SegmentNumber segment = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

// -- the fixed payloads
struct SegmentInfo {
  static constexpr std::size_t kSize = 40;
  std::uint64_t salt = 0;
  SegmentNumber number = 0;
  SegmentNumber run = 0;  // first segment of its run: since then no write failed and nothing was restarted
  std::uint64_t high_water = 0;
  std::uint8_t shard = 0;
};
void write_segment_info(std::uint8_t* at, const SegmentInfo& info);
bool read_segment_info(Bytes payload, SegmentInfo& info);

struct Commit {
  static constexpr std::size_t kSize = 48;
  std::uint64_t size = 0;  // of the body
  std::uint32_t body_records = 0;
  std::uint32_t envelope_records = 0;
  std::uint32_t body_crc = 0;
  std::uint32_t marks = 0;  // Marks in one number: pack() and unpack()
  std::int64_t born = 0;    // nanoseconds since 1970, when it was queued
  Position durable;         // all that was written before it in this run was durable when this was written
};
// Bit 0: TLS-Required: No; bit 1: a TLS report; the upper 24 bits: length of the front.
std::uint32_t pack(const Marks& marks);
Marks unpack(std::uint32_t packed);
void write_commit(std::uint8_t* at, const Commit& commit);
bool read_commit(Bytes payload, Commit& commit);

}  // namespace postern::spool
