// Reading a spool without being one.
#include "firmware/spool/reader.hpp"

#include <algorithm>
#include <charconv>

#include "firmware/spool/codec.hpp"
#include "firmware/spool/crc32c.hpp"

namespace postern::spool {
namespace {

constexpr std::string_view kSuffix = ".seg";

std::uint64_t hex(std::string_view digits) {
  std::uint64_t value = 0;
  if (digits.size() != 16) return 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

std::string words(const Verdict& verdict) {
  std::string all = verdict.host;
  const auto add = [&all](std::string_view word) {
    if (!word.empty()) all += (all.empty() ? "" : " ") + std::string(word);
  };
  if (!all.empty()) all += ":";
  if (verdict.code != 0) add(std::to_string(verdict.code));
  add(verdict.status);
  add(verdict.text);
  return all;
}

WallTime wall(std::int64_t nanoseconds) {
  return WallTime(Duration(nanoseconds));
}

void list_recipients(ListedMessage& listed, const Progress& progress) {
  for (const auto& recipient : listed.envelope.recipients)
    listed.recipients.push_back(
        {recipient.path.local + (recipient.path.domain.empty() ? "" : "@" + recipient.path.domain),
         true,
         false,
         {}});
  for (const auto& [index, verdict] : progress.verdicts) {
    if (index >= listed.recipients.size()) continue;
    auto& recipient = listed.recipients[index];
    recipient.owed = verdict.kind == Verdict::Kind::deferred;
    recipient.answered = true;
    recipient.last = verdict;
    if (recipient.owed) listed.last_words = words(verdict);
  }
}

ListedMessage list(MessageId id, const RecoveredMessage& found) {
  ListedMessage listed;
  listed.id = id;
  const auto* copy = found.best();
  listed.state = found.attempt_open ? ListedMessage::State::under_way : ListedMessage::State::waiting;
  if (copy != nullptr) {
    listed.envelope_whole = read_envelope(as_bytes(copy->envelope), listed.envelope);
    listed.size = copy->size;
    listed.born = wall(copy->commit.born);
    listed.parts = copy->parts;
  } else {
    listed.envelope_whole = false;
    for (const auto& other : found.copies) {
      listed.envelope_whole =
          listed.envelope_whole || read_envelope(as_bytes(other.envelope), listed.envelope);
    }
    listed.born = listed.envelope.arrival;
  }
  if (copy == nullptr || !listed.envelope_whole) listed.state = ListedMessage::State::damaged;
  Progress progress;
  if (read_progress(found.progress, progress)) {
    listed.attempts = progress.attempts;
    listed.next = wall(progress.next);
    listed.last_words = progress.why;
    if (progress.held && listed.state == ListedMessage::State::waiting)
      listed.state = ListedMessage::State::held;
  } else {
    progress = {};
  }
  list_recipients(listed, progress);
  if (!progress.why.empty()) listed.last_words = progress.why;
  return listed;
}

}  // namespace

void Reader::feed(SegmentNumber segment, std::uint64_t offset, Bytes bytes) {
  if (scanning_ != segment) scanner_.start(segment, salt_);
  scanning_ = segment;
  scanner_.feed(offset, bytes, catalogue_);
}

void Reader::segment_end(SegmentNumber segment) {
  if (scanning_ == segment) scanner_.end(catalogue_);
  scanning_ = 0;
}

std::vector<ListedMessage> Reader::messages() const {
  std::vector<ListedMessage> all;
  for (const auto& [id, found] : catalogue_.messages()) {
    if (found.done_in == 0 && (found.best() != nullptr || catalogue_.is_lost(found)))
      all.push_back(list(id, found));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

std::size_t Reader::incomplete() const {
  return static_cast<std::size_t>(
      std::count_if(catalogue_.messages().begin(), catalogue_.messages().end(), [this](const auto& entry) {
        const auto& found = entry.second;
        return found.done_in == 0 && !found.copies.empty() && found.best() == nullptr &&
               !catalogue_.is_lost(found);
      }));
}

Bytes body_of_record(Bytes record, MessageId id, const RecoveredPart& part) {
  RecordHeader header;
  if (record.size() < kRecordHeader + part.length || !read_header(record.data(), header)) return {};
  const bool same = header.type == RecordType::body && header.id == id && header.length == part.length;
  const auto body = record.subspan(kRecordHeader, part.length);
  return same && crc32c(0, body) == part.crc ? body : Bytes{};
}

std::string segment_file_name(SegmentNumber number) {
  return text(number) + std::string(kSuffix);
}

SegmentNumber segment_of_file_name(std::string_view name) {
  return name.ends_with(kSuffix) ? hex(name.substr(0, name.size() - kSuffix.size())) : 0;
}

MessageId message_id_of(std::string_view digits) {
  return hex(digits);
}

std::string_view name_of(ListedMessage::State state) {
  static constexpr std::string_view kNames[] = {"waiting", "under way", "damaged", "held"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace postern::spool
