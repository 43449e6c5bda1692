// Segment files of any bytes: recovery, the reader and the queue that comes of it hold, and what they give is
// in bounds.
//
// The input is laid out as files; records in it are stamped and summed first (where a header has the magic),
// so that mutated records reach the code behind the checks.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "firmware/spool/crc32c.hpp"
#include "firmware/spool/reader.hpp"
#include "firmware/spool/record.hpp"
#include "firmware/spool/spool.hpp"

using namespace postern;
using namespace postern::spool;

namespace {

constexpr std::uint64_t kSalt = 42;

// Makes what looks like a record a valid one, unless its stamp's first byte asks for it to stay broken.
void repair(std::vector<std::uint8_t>& file, SegmentNumber segment) {
  for (std::size_t at = 0; at + kRecordHeader <= file.size();) {
    auto* here = file.data() + at;
    if (load_be32(here) != kRecordMagic || here[24] == 0xff) {
      at += 8;
      continue;
    }
    RecordHeader header;
    header.type = static_cast<RecordType>(1 + (here[5] + 6) % 7);
    header.generation = load_be16(here + 6) % 4;
    header.length = std::min<std::uint32_t>(load_be32(here + 8) % 512,
                                            static_cast<std::uint32_t>(file.size() - at - kRecordHeader));
    header.id = load_be64(here + 16) % 8;
    header.sequence = load_be32(here + 32) % 4;
    header.payload_crc = crc32c(0, {here + kRecordHeader, header.length});
    header.stamp = record_stamp(kSalt, segment, at);
    write_header(here, header);
    at += record_size(header.length);
  }
}

// Carries orders out on nothing: reads give garbage, which must be noticed.
void answer_all(spool::Spool& spool, Now now) {
  DiskOrder order;
  for (int turns = 0; turns < 2000 && spool.next_order(order); ++turns) {
    if (order.kind == DiskOrder::Kind::read) std::fill_n(order.data, order.length, std::uint8_t{0x5a});
    spool.answered({DiskAnswer::Status::ok, order.ticket}, now);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 64 * 1024) return 0;
  Settings settings;
  settings.chunk_bytes = 1024;
  settings.segment_bytes = 16 * 1024;
  settings.chunk_memory = 64 * 1024;
  settings.messages = 100;
  settings.salt = kSalt;
  Counters counters;
  spool::Spool spool(settings, counters);
  Reader reader(kSalt);
  const std::size_t files = 1 + data[0] % 3;
  const std::size_t piece = 1 + data[1] * 8;
  for (std::size_t file = 0; file < files; ++file) {
    const auto from = 2 + (size - 2) * file / files;
    const auto to = 2 + (size - 2) * (file + 1) / files;
    std::vector<std::uint8_t> bytes(data + from, data + to);
    const SegmentNumber number = file + 1;
    repair(bytes, number);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto part = Bytes(bytes).subspan(at, std::min(piece, bytes.size() - at));
      spool.recover(number, at, part);
      reader.feed(number, at, part);
    }
    spool.recover_segment_end(number, bytes.size());
    reader.segment_end(number);
  }
  const Now now{Instant(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'800'000'000))};
  spool.recovered(now);
  if (reader.messages().size() < spool.size()) std::abort();
  answer_all(spool, now);
  spool.hurry(now);
  Owed owed;
  for (int i = 0; i < 50 && spool.due(now, owed); ++i) {
    if (owed.envelope == nullptr || owed.recipients.size() > owed.envelope->recipients.size()) std::abort();
    spool.body(owed.id, 0);
    answer_all(spool, now);
    std::vector<Spool::Settled> settled;
    for (const auto recipient : owed.recipients) settled.push_back({recipient, {}});
    spool.settle(owed.id, settled, now);
  }
  const std::vector<MessageId> aside(spool.set_aside().begin(), spool.set_aside().end());
  for (const auto id : aside) spool.discard(id, now);
  answer_all(spool, now);
  spool.clear_events();
  return 0;
}
