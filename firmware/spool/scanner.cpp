// The scanner: whole records go to the sink, everything else is measured and stepped over word by word.
#include "firmware/spool/scanner.hpp"

#include <algorithm>
#include <array>

#include "firmware/spool/crc32c.hpp"

namespace postern::spool {

void Scanner::start(SegmentNumber segment, std::uint64_t salt) {
  segment_ = segment;
  salt_ = salt;
  base_ = 0;
  position_ = 0;
  buffer_.clear();
  in_bad_ = false;
}

void Scanner::feed(std::uint64_t offset, Bytes bytes, RecordSink& sink) {
  if (offset < fed_to()) {  // seen already
    const auto seen = std::min<std::uint64_t>(fed_to() - offset, bytes.size());
    bytes = bytes.subspan(seen);
    offset += seen;
  }
  if (bytes.empty()) return;
  if (offset > fed_to()) skip_gap(offset, sink);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  scan(false, sink);
  const auto done = std::min<std::uint64_t>(position_ - base_, buffer_.size());
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(done));
  base_ += done;
}

// A hole in the file: a record that reaches into it is broken, its zeros need not be read.
void Scanner::skip_gap(std::uint64_t offset, RecordSink& sink) {
  constexpr std::uint64_t kMost = kRecordMost + 2 * kRecordHeader;  // nothing that began before is longer
  buffer_.resize(buffer_.size() + std::min(offset - fed_to(), kMost), 0);
  scan(false, sink);
  if (fed_to() == offset) return;
  base_ = position_ = offset & ~std::uint64_t{7};
  buffer_.assign(offset - base_, 0);
}

void Scanner::end(RecordSink& sink) {
  scan(true, sink);
  if (in_bad_ && !bad_is_zeros_) {
    sink.damage(segment_, bad_from_, bad_to_ - bad_from_, "torn tail");
  }
  in_bad_ = false;
  buffer_.clear();
  buffer_.shrink_to_fit();
}

void Scanner::scan(bool last, RecordSink& sink) {
  while (step(last, sink)) {
  }
}

bool Scanner::step(bool last, RecordSink& sink) {
  if (const auto zeros = skip_zeros(); zeros != 0) {
    bad(zeros, true);
    position_ += zeros;
    return true;
  }
  const auto rest = Bytes(buffer_).subspan(std::min<std::uint64_t>(position_ - base_, buffer_.size()));
  RecordHeader header;
  if (rest.size() >= kRecordHeader && read_header(rest.data(), header)) {
    // The first record brings the salt its own stamp is made with: it has to be there as a whole.
    const bool first = position_ == 0 && header.type == RecordType::segment;
    if (first && !last && rest.size() < record_size(header.length)) return false;
    if (first) learn_salt(header, rest);
    if (header.stamp == record_stamp(salt_, segment_, position_))
      return take_record(header, rest, last, sink);
  }
  if (rest.empty() || (rest.size() < kRecordHeader && !last)) return false;
  const auto length = std::min<std::uint64_t>(8, rest.size());
  const auto word = rest.first(length);
  bad(length, std::all_of(word.begin(), word.end(), [](std::uint8_t byte) { return byte == 0; }));
  position_ += 8;
  return true;
}

bool Scanner::take_record(const RecordHeader& header, Bytes rest, bool last, RecordSink& sink) {
  const auto size = record_size(header.length);
  if (rest.size() < kRecordHeader + header.length || (rest.size() < size && !last)) {
    if (!last) return false;
    close_bad(sink);
    sink.broken(segment_, position_, header);
    sink.damage(segment_, position_, rest.size(), "record cut off by the end of the file");
    position_ += padded(rest.size());
    return true;
  }
  close_bad(sink);
  const auto payload = rest.subspan(kRecordHeader, header.length);
  if (crc32c(0, payload) == header.payload_crc) {
    sink.record(segment_, position_, header, payload);
  } else {
    sink.broken(segment_, position_, header);
    sink.damage(segment_, position_, size, "record with damaged payload");
  }
  position_ += size;
  return true;
}

void Scanner::learn_salt(const RecordHeader& header, Bytes rest) {
  if (rest.size() < record_size(header.length)) return;
  SegmentInfo info;
  const auto payload = rest.subspan(kRecordHeader, header.length);
  if (crc32c(0, payload) != header.payload_crc || !read_segment_info(payload, info)) return;
  if (header.stamp == record_stamp(info.salt, segment_, 0)) salt_ = info.salt;
}

void Scanner::bad(std::uint64_t length, bool zeros) {
  if (!in_bad_) {
    in_bad_ = true;
    bad_is_zeros_ = true;
    bad_from_ = position_;
    bad_to_ = position_;
  }
  if (zeros) return;
  bad_is_zeros_ = false;
  bad_to_ = position_ + length;
}

// A record follows the bad bytes: they were damage, and zeros among records too.
void Scanner::close_bad(RecordSink& sink) {
  if (!in_bad_) return;
  in_bad_ = false;
  const auto what = bad_is_zeros_ ? std::string_view("zeros where a record should be")
                                  : std::string_view("bytes that are no record");
  sink.damage(segment_, bad_from_, position_ - bad_from_, what);
}

// Bytes of zeros from `position_` on, in whole words.
std::uint64_t Scanner::skip_zeros() {
  static constexpr std::array<std::uint8_t, 4096> kZeros{};
  const auto start = std::min<std::uint64_t>(position_ - base_, buffer_.size());
  auto at = start;
  while (at + kZeros.size() <= buffer_.size() &&
         std::memcmp(buffer_.data() + at, kZeros.data(), kZeros.size()) == 0) {
    at += kZeros.size();
  }
  while (at + 8 <= buffer_.size() && std::memcmp(buffer_.data() + at, kZeros.data(), 8) == 0) at += 8;
  return at - start;
}

}  // namespace postern::spool
