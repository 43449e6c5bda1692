// The queue of one shard: what was accepted, where it lies, who still has to get it and when to try.
//
// No disk calls here: next_order() says what to write, read or remove, answered() takes the answer. Records
// are appended to segments, checksummed; nothing is overwritten. A message counts from the moment its commit
// record is durable (then `stored` is reported, and only then may 250 be sent) until its last recipient is
// settled. What is on disk alone is enough to go on after a crash; see recover().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "firmware/mail/envelope.hpp"
#include "firmware/spool/counters.hpp"
#include "firmware/spool/disk.hpp"
#include "firmware/spool/marks.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::spool {

// Unique for ever on this box: the upper bits are the shard and the second of birth.
using MessageId = std::uint64_t;
// 16 hex digits; what people see as the spool id.
std::string text(MessageId id);

struct Settings {
  std::uint8_t shard = 0;
  std::uint64_t segment_bytes = 64u << 20;
  std::uint32_t chunk_bytes = 64 * 1024;    // bytes of one body record
  std::uint64_t chunk_memory = 128u << 20;  // all chunks; a message beyond waits (the peer's window closes)
  std::uint64_t cached_message_bytes =
      1u << 20;                     // bodies up to this stay in memory for delivery, if there is room
  std::uint32_t messages = 200000;  // most in the queue; more: no_space
  Duration retry_first = std::chrono::minutes(1);
  Duration retry_most =
      std::chrono::hours(1);  // doubling up to here (RFC 5321 §4.5.4.1 asks for 30 min at least on average)
  Duration queue_life = std::chrono::hours(120);  // then it bounces (RFC 5321 §4.5.4.1: 4–5 days)
  std::uint32_t orders = 128;                     // most orders given to the disk and not answered yet
  // A secret of this spool: bytes in a mail that look like a record are not taken for one without it.
  std::uint64_t salt = 0;
};

enum class EventKind : std::uint8_t {
  stored,       // durable: say 250
  not_stored,   // after finish(): `no_space` or a disk error: say 452 or 451; the message is forgotten
  body_ready,   // bytes asked for by body() are in memory now
  body_failed,  // they cannot be read back: counted, reported, the message is set aside
  room,         // append() of this message may take more again
};

struct Event {
  EventKind kind;
  MessageId id = 0;
  bool no_space = false;
};

// What is owed for one message.
struct Owed {
  MessageId id = 0;
  const mail::Envelope* envelope = nullptr;
  std::vector<std::uint32_t> recipients;  // indices not settled yet
  std::uint64_t bytes = 0;                // of the body
  std::uint32_t attempts = 0;
  bool expired = false;   // queue life is over: bounce what is left
  bool returned = false;  // and that because a person said so
  Marks marks;
  WallTime born{};          // when it was queued
  WallTime expires{};       // when its queue life ends
  bool delay_told = false;  // its sender knows that it takes longer
  std::string route;        // where a person wants it to go; empty: by domain
};

// A message of the queue as people see it.
struct Queued {
  enum class State : std::uint8_t { waiting, under_way, held, damaged } state = State::waiting;
  MessageId id = 0;
  const mail::Envelope* envelope = nullptr;
  std::uint64_t bytes = 0;
  std::uint32_t attempts = 0;
  WallTime born{};
  WallTime next{};  // when it is tried; for `waiting`
  std::string_view route;
};

// How one recipient fared; the reply's words are kept for the bounce.
struct Verdict {
  enum class Kind : std::uint8_t { delivered, deferred, failed } kind = Kind::delivered;
  std::uint16_t code = 0;
  std::string status;
  std::string text;
  std::string host;  // who said so
};

class Spool {
 public:
  Spool(const Settings& settings, Counters& counters);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Before the first recover(): the salt kept with the spool's files, in place of the setting's.
  void use_salt(std::uint64_t salt);
  // -- start: feed every segment's bytes in ascending order, in pieces, then recovered(). Torn, flipped or
  // foreign records are counted, reported through `damage` and stepped over; what is whole is queued.
  void recover(SegmentNumber segment, std::uint64_t offset, Bytes bytes);
  void recover_segment_end(SegmentNumber segment, std::uint64_t size);
  void recovered(Now now);
  struct Damage {
    SegmentNumber segment;
    std::uint64_t offset;
    std::uint64_t length;
    std::string_view what;
    MessageId id = 0;  // of the message it hit, where known
  };
  std::span<const Damage> damage() const;

  // -- taking a message in
  Result<MessageId> begin(const mail::Envelope& envelope, Now now);  // fails: full
  std::size_t append(MessageId id, Bytes bytes);                     // fewer than given: wait for `room`
  void finish(MessageId id, Now now, const Marks& marks = {});       // `stored` or `not_stored` follows
  // The session is gone. Before `stored`: the message is forgotten, for nobody was told 250. After it: no
  // effect.
  void abandon(MessageId id);

  // -- the disk
  bool next_order(DiskOrder& order);
  void answered(const DiskAnswer& answer, Now now);
  // Free bytes on the file system and the part below which nothing new is taken.
  void disk_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes);
  bool accepting() const;  // room for a new message: else 452 4.3.1 at MAIL

  // -- events since the last clear
  std::span<const Event> events() const;
  void clear_events();

  // -- the queue
  // The next message whose time has come, marked as under way; nothing where none is due.
  bool due(Now now, Owed& owed);
  Instant next_due() const;
  // The owed message by id, under way or not.
  Result<Owed> owed(MessageId id) const;
  // Body bytes from `offset` in one piece, as far as in memory; empty: wait for body_ready (or it is the
  // end). They stay where they are until the next body(), settle(), release() or discard() of this message.
  Bytes body(MessageId id, std::uint64_t offset);
  // The attempt is over: one verdict per index. What was deferred is scheduled again; a message with nothing
  // left is done and its space reclaimed.
  struct Settled {
    std::uint32_t recipient;
    Verdict verdict;
  };
  void settle(MessageId id, std::span<const Settled> settled, Now now);
  // What is known already of an attempt that goes on: kept over a crash; the message stays under way.
  void note(MessageId id, std::span<const Settled> settled, Now now);
  // It could not be its turn after all: handed out again at `at`, and no attempt is counted.
  void postpone(MessageId id, Instant at, Now now);
  // Its sender was told that it takes longer.
  void delay_told(MessageId id);
  // The attempt never came to a verdict (connection lost): try again on schedule.
  void release(MessageId id, Now now, std::string_view why);
  // Try everything now (the office is back, or a person asked).
  void hurry(Now now);

  // The last that was said of a recipient (deferred or failed), for the bounce; null where nothing was.
  const Verdict* last_verdict(MessageId id, std::uint32_t recipient) const;
  // Why the last attempt came to no verdict; empty where it came to one.
  std::string_view last_trouble(MessageId id) const;
  // Messages whose body cannot be read. They are not tried; settle() as failed or discard() ends them.
  std::span<const MessageId> set_aside() const;
  // A person's wishes about one message; false where there is no such message in the queue. held: it is not
  // tried until released. route: tried over this endpoint instead of by domain; empty takes it back. retry:
  // tried now. give_back: it bounces now.
  bool hold(MessageId id, bool held, Now now);
  bool reroute(MessageId id, std::string_view route, Now now);
  bool retry(MessageId id, Now now);
  bool give_back(MessageId id, Now now);
  // For people. A place is 0 .. places() - 1; whoever goes through all of them meets every message that stays
  // in the queue meanwhile. False: none there. Views hold until the spool is used otherwise.
  std::uint32_t places() const;
  bool look_at(std::uint32_t place, Queued& queued) const;
  bool look(MessageId id, Queued& queued) const;
  // Whether that recipient still has to get it.
  bool owes(MessageId id, std::uint32_t recipient) const;
  // A person drops the message.
  void discard(MessageId id, Now now);

  std::size_t size() const;  // messages in the queue
  std::uint64_t chunk_memory_used() const;
  std::size_t memory_used() const;  // bytes of the spool's own arena; 0 where it has none

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace postern::spool
