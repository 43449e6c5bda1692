// What is in a spool, for people and tools: bytes of segment files in, messages out. Pure: it opens nothing.
//
// It may look at files the data plane is writing to: a record that is only half there counts as not there
// yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/mail/envelope.hpp"
#include "firmware/spool/catalogue.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::spool {

struct ListedRecipient {
  std::string address;
  bool owed = true;       // not settled yet
  bool answered = false;  // `last` says something
  Verdict last;
};

struct ListedMessage {
  enum class State : std::uint8_t {
    waiting,    // for its next attempt
    under_way,  // an attempt was begun and has not ended (or a crash ended it)
    damaged,    // its content is not whole
    held,       // a person said: not now
  } state = State::waiting;
  MessageId id = 0;
  mail::Envelope envelope;
  bool envelope_whole = true;
  std::vector<ListedRecipient> recipients;
  std::uint64_t size = 0;      // of the body
  WallTime born{};             // when it was taken in
  WallTime next{};             // next attempt; 1970: at once
  std::uint32_t attempts = 0;  // that have ended
  std::string last_words;      // of the last attempt that did not deliver everything; may be empty
  std::vector<RecoveredPart> parts;
};

class Reader {
 public:
  // `salt`: for segments whose own first record cannot be read.
  explicit Reader(std::uint64_t salt = 0) : salt_(salt) {}

  // Segments in ascending order, each in pieces of ascending offset; holes may be left out.
  void feed(SegmentNumber segment, std::uint64_t offset, Bytes bytes);
  void segment_end(SegmentNumber segment);

  // What is in the queue, oldest first.
  std::vector<ListedMessage> messages() const;
  const std::vector<Spool::Damage>& damages() const { return catalogue_.damages(); }
  std::uint64_t records() const { return catalogue_.records(); }
  // Messages begun and never committed.
  std::size_t incomplete() const;

 private:
  Scanner scanner_;
  Catalogue catalogue_;
  std::uint64_t salt_;
  SegmentNumber scanning_ = 0;
};

// The body bytes in a body record read back from its file, checked; empty where it is not that record (or it
// is damaged).
Bytes body_of_record(Bytes record, MessageId id, const RecoveredPart& part);

// "0000000000000001.seg" and back; 0 for anything else.
std::string segment_file_name(SegmentNumber number);
SegmentNumber segment_of_file_name(std::string_view name);

// 16 hex digits, as people type them; 0 for anything else.
MessageId message_id_of(std::string_view text);

std::string_view name_of(ListedMessage::State state);

}  // namespace postern::spool
