// One message in a spool: where its records lie, what of it is in memory, how far its delivery is.
#pragma once

#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>

#include "firmware/spool/chunk_pool.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::spool {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = ~Slot{0};

enum class Phase : std::uint8_t {
  free,        // the slot is not in use
  taking,      // between begin() and finish()
  committing,  // finished, not yet durable
  waiting,     // in the queue, for its time
  under_way,   // in the queue, being delivered
  aside,       // in the queue, its body cannot be read: not tried, kept until someone settles or discards it
  dead,        // nothing is owed; the slot stays until the disk knows
};

// One body record.
struct Part {
  SegmentNumber segment = 0;
  std::uint64_t offset = 0;  // of the record in the file
  std::uint64_t body_offset = 0;
  std::uint32_t length = 0;
  std::uint32_t crc = 0;
  ChunkIndex chunk = kNoChunk;  // where its bytes are in memory
};

// How much of a segment is this message's.
struct Place {
  SegmentNumber segment = 0;
  std::uint64_t bytes = 0;
  bool live = true;  // false: an older copy, or records of a message that never was; its bytes are not needed
};

// Where the last attempt or state record is; it is needed as long as the message lives.
struct Mark {
  SegmentNumber segment = 0;  // 0: none
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// What the log still has to say of a message.
struct LogWants {
  bool attempt = false;
  bool state = false;
  bool done = false;
  bool any() const { return attempt || state || done; }
};

struct Message {
  MessageId id = 0;
  Phase phase = Phase::free;
  bool failed = false;  // the disk refused something: it will not be stored
  bool no_space = false;
  bool commit_issued = false;  // a commit record may be on disk
  bool done_durable = false;
  bool wants_finish = false;  // finish() waits for memory
  bool wants_room = false;    // append() was short
  bool wants_read = false;    // body() waits for memory
  bool copying = false;
  bool logged = false;  // is in the log queue
  std::uint16_t generation = 0;
  std::uint32_t turn = 0;    // grows with every schedule; older schedule entries are void
  std::uint32_t writes = 0;  // chunks on their way to disk
  std::uint32_t reads = 0;
  std::uint32_t logs = 0;  // log records on their way to disk
  std::uint32_t envelope_records = 0;
  std::string envelope_rest;  // of a large envelope, not in a chunk yet
  mail::Envelope envelope;
  std::uint64_t size = 0;
  std::uint32_t body_crc = 0;
  ChunkIndex filling = kNoChunk;
  ChunkIndex pinned = kNoChunk;
  boost::container::small_vector<Part, 1> parts;
  boost::container::small_vector<Place, 2> places;
  Mark state;
  Mark attempt;
  LogWants wants;
  Slot idle_before = kNoSlot;  // among the messages being taken, by last append
  Slot idle_after = kNoSlot;

  std::int64_t born = 0;  // wall clock, nanoseconds
  Instant expires{};
  std::uint32_t attempts = 0;
  std::int64_t next_wall = 0;
  std::string why;
  std::string route;  // an endpoint a person chose; empty: by domain
  Marks marks;
  bool delay_told = false;
  bool held = false;
  bool returned = false;  // a person sends it back
  boost::container::flat_map<std::uint32_t, Verdict> verdicts;

  bool in_queue() const {
    return phase == Phase::waiting || phase == Phase::under_way || phase == Phase::aside;
  }
  bool owes(std::uint32_t recipient) const {
    const auto found = verdicts.find(recipient);
    return found == verdicts.end() || found->second.kind == Verdict::Kind::deferred;
  }
};

}  // namespace postern::spool
