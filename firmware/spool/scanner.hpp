// Finds the records in a segment file's bytes, fed in pieces, and says what is not a record.
//
// Whatever the bytes: bounded memory (one record and one piece), every byte is looked at, and after bad bytes
// it goes on at the next record that is whole. Zeros up to the end of the file were never written and are no
// damage.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "firmware/spool/record.hpp"

namespace postern::spool {

// Takes what a scanner finds, in the order of the file.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // `payload` is valid during the call.
  virtual void record(SegmentNumber segment, std::uint64_t offset, const RecordHeader& header,
                      Bytes payload) = 0;
  // A record whose header is whole and whose payload is not (flipped, or cut off by the end of the file).
  virtual void broken(SegmentNumber segment, std::uint64_t offset, const RecordHeader& header) = 0;
  virtual void damage(SegmentNumber segment, std::uint64_t offset, std::uint64_t length,
                      std::string_view what) = 0;
};

class Scanner {
 public:
  // `salt` is used where the file's own first record cannot be read.
  void start(SegmentNumber segment, std::uint64_t salt);
  // The bytes at `offset`; offsets ascend, what is left out counts as zeros.
  void feed(std::uint64_t offset, Bytes bytes, RecordSink& sink);
  void end(RecordSink& sink);

 private:
  std::uint64_t fed_to() const { return base_ + buffer_.size(); }
  void scan(bool last, RecordSink& sink);
  // One record or one bad word at `position_`; false: more bytes are needed.
  bool step(bool last, RecordSink& sink);
  bool take_record(const RecordHeader& header, Bytes rest, bool last, RecordSink& sink);
  void learn_salt(const RecordHeader& header, Bytes rest);
  void bad(std::uint64_t length, bool zeros);
  void close_bad(RecordSink& sink);
  std::uint64_t skip_zeros();
  void skip_gap(std::uint64_t offset, RecordSink& sink);

  SegmentNumber segment_ = 0;
  std::uint64_t salt_ = 0;
  std::uint64_t base_ = 0;      // file offset of buffer_[0]
  std::uint64_t position_ = 0;  // file offset of what comes next, a multiple of 8
  std::vector<std::uint8_t> buffer_;
  bool in_bad_ = false;
  bool bad_is_zeros_ = true;
  std::uint64_t bad_from_ = 0;
  std::uint64_t bad_to_ = 0;  // end of its last byte that is not zero
};

}  // namespace postern::spool
