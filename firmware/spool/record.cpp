// Record headers and the fixed payloads: bytes from and to values.
#include "firmware/spool/record.hpp"

#include "firmware/spool/crc32c.hpp"

namespace postern::spool {
namespace {

constexpr std::uint8_t kVersion = 1;

// Where things stand in a header.
enum At : std::size_t {
  kMagicAt = 0,
  kVersionAt = 4,
  kTypeAt = 5,
  kGenerationAt = 6,
  kLengthAt = 8,
  kHeaderCrcAt = 12,
  kIdAt = 16,
  kStampAt = 24,
  kSequenceAt = 32,
  kPayloadCrcAt = 36,
};

std::uint32_t header_crc(const std::uint8_t* at) {
  const auto first = crc32c(0, {at, kHeaderCrcAt});
  return crc32c(first, {at + kIdAt, kRecordHeader - kIdAt});
}

// The finalizer of splitmix64: every bit of the input reaches every bit of the output.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

std::uint64_t record_stamp(std::uint64_t salt, SegmentNumber segment, std::uint64_t offset) {
  return mix(mix(salt + 0x9e3779b97f4a7c15 * (segment + 1)) ^ offset);
}

void write_header(std::uint8_t* at, const RecordHeader& header) {
  store_be32(at + kMagicAt, kRecordMagic);
  at[kVersionAt] = kVersion;
  at[kTypeAt] = static_cast<std::uint8_t>(header.type);
  store_be16(at + kGenerationAt, header.generation);
  store_be32(at + kLengthAt, header.length);
  store_be64(at + kIdAt, header.id);
  store_be64(at + kStampAt, header.stamp);
  store_be32(at + kSequenceAt, header.sequence);
  store_be32(at + kPayloadCrcAt, header.payload_crc);
  store_be32(at + kHeaderCrcAt, header_crc(at));
}

bool read_header(const std::uint8_t* at, RecordHeader& header) {
  if (load_be32(at + kMagicAt) != kRecordMagic || at[kVersionAt] != kVersion) return false;
  const auto type = at[kTypeAt];
  if (type < static_cast<std::uint8_t>(RecordType::segment) ||
      type > static_cast<std::uint8_t>(RecordType::done)) {
    return false;
  }
  header.length = load_be32(at + kLengthAt);
  if (header.length > kRecordMost || load_be32(at + kHeaderCrcAt) != header_crc(at)) return false;
  header.type = static_cast<RecordType>(type);
  header.generation = load_be16(at + kGenerationAt);
  header.id = load_be64(at + kIdAt);
  header.stamp = load_be64(at + kStampAt);
  header.sequence = load_be32(at + kSequenceAt);
  header.payload_crc = load_be32(at + kPayloadCrcAt);
  return true;
}

void write_segment_info(std::uint8_t* at, const SegmentInfo& info) {
  store_be64(at, info.salt);
  store_be64(at + 8, info.number);
  store_be64(at + 16, info.high_water);
  store_be64(at + 24, info.shard);
  store_be64(at + 32, info.run);
}

bool read_segment_info(Bytes payload, SegmentInfo& info) {
  if (payload.size() < SegmentInfo::kSize) return false;
  info.salt = load_be64(payload.data());
  info.number = load_be64(payload.data() + 8);
  info.high_water = load_be64(payload.data() + 16);
  info.shard = static_cast<std::uint8_t>(load_be64(payload.data() + 24));
  info.run = load_be64(payload.data() + 32);
  return true;
}

std::uint32_t pack(const Marks& marks) {
  return (marks.tls_required_no ? 1u : 0u) | (marks.report ? 2u : 0u) | marks.front << 8;
}

Marks unpack(std::uint32_t packed) {
  return {.tls_required_no = (packed & 1u) != 0, .report = (packed & 2u) != 0, .front = packed >> 8};
}

void write_commit(std::uint8_t* at, const Commit& commit) {
  store_be64(at, commit.size);
  store_be32(at + 8, commit.body_records);
  store_be32(at + 12, commit.envelope_records);
  store_be32(at + 16, commit.body_crc);
  store_be32(at + 20, commit.marks);
  store_be64(at + 24, static_cast<std::uint64_t>(commit.born));
  store_be64(at + 32, commit.durable.segment);
  store_be64(at + 40, commit.durable.offset);
}

bool read_commit(Bytes payload, Commit& commit) {
  if (payload.size() < Commit::kSize) return false;
  commit.size = load_be64(payload.data());
  commit.body_records = load_be32(payload.data() + 8);
  commit.envelope_records = load_be32(payload.data() + 12);
  commit.body_crc = load_be32(payload.data() + 16);
  commit.marks = load_be32(payload.data() + 20);
  commit.born = static_cast<std::int64_t>(load_be64(payload.data() + 24));
  commit.durable = {load_be64(payload.data() + 32), load_be64(payload.data() + 40)};
  return true;
}

}  // namespace postern::spool
