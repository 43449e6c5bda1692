// The inside of a Spool. One struct, because everything touches messages, chunks and segments; its functions
// are grouped by errand, one source file each: intake, memory, orders, answers, log, reading, delivery,
// reclaim, recovery.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "firmware/spool/catalogue.hpp"
#include "firmware/spool/chunk_pool.hpp"
#include "firmware/spool/codec.hpp"
#include "firmware/spool/id_table.hpp"
#include "firmware/spool/message.hpp"
#include "firmware/spool/record.hpp"
#include "firmware/spool/scanner.hpp"
#include "firmware/spool/schedule.hpp"
#include "firmware/spool/segments.hpp"
#include "firmware/spool/spool.hpp"
#include "platform/base/arena.hpp"

namespace postern::spool {

enum class ChunkUse : std::uint8_t { free, filling, ready, writing, cached, reading };

// A piece of memory with up to three records in it: [envelope] [body] [commit], one after the other.
struct Chunk {
  struct Record {
    RecordType type = RecordType::body;
    std::uint32_t at = 0;
    std::uint32_t length = 0;
    std::uint32_t sequence = 0;
    std::uint32_t crc = 0;
  };
  ChunkUse use = ChunkUse::free;
  std::uint8_t record_count = 0;
  bool has_commit = false;
  Slot slot = kNoSlot;
  std::uint32_t part = 0;     // index into the message's parts, where body_at != 0
  std::uint32_t body_at = 0;  // first body byte; 0: no body in it
  std::uint32_t used = 0;
  std::uint32_t pins = 0;
  ChunkIndex before = kNoChunk;
  ChunkIndex after = kNoChunk;
  std::array<Record, 3> records;
};

// A doubly linked list through the chunk table.
struct ChunkList {
  ChunkIndex first = kNoChunk;
  ChunkIndex last = kNoChunk;
  void push_back(std::vector<Chunk>& chunks, ChunkIndex chunk);
  void remove(std::vector<Chunk>& chunks, ChunkIndex chunk);
};

// What an order under way is for; its ticket leads here.
struct Outstanding {
  enum class What : std::uint8_t {
    none,
    chunk,
    log,
    header,
    read,
    remove,
    copy_read,
    copy_write
  } what = What::none;
  std::uint32_t serial = 0;
  std::uint32_t index = 0;  // chunk, log buffer or header buffer
  Slot slot = kNoSlot;
  SegmentNumber segment = 0;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint64_t write = 0;  // number among all writes
};

// Attempt, state and done records of many messages, gathered into one write.
struct LogBuffer {
  struct Entry {
    MessageId id = 0;
    RecordType type = RecordType::done;
    std::uint64_t at = 0;
    std::uint64_t bytes = 0;
    // Of a `done` record that is repeated: the tomb it is for.
    SegmentNumber tomb_segment = 0;
    std::size_t tomb_index = 0;
  };
  std::unique_ptr<std::uint8_t[]> bytes;
  std::vector<Entry> entries;
  bool in_use = false;
};

// Moving what lives out of a segment that is mostly dead.
struct Reclaim {
  SegmentNumber victim = 0;  // 0: none
  enum class Stage : std::uint8_t { messages, tombs } stage = Stage::messages;
  Slot cursor = 0;
  SegmentNumber tomb_cursor = 0;
  std::size_t tomb_index = 0;
};

// The message being copied, piece by piece through one buffer of its own.
struct Copy {
  Slot slot = kNoSlot;
  bool busy = false;    // an order is under way
  bool loaded = false;  // the next body record is in the buffer
  bool commit_placed = false;
  std::uint32_t part = 0;
  std::string envelope;
  std::size_t envelope_done = 0;
  std::uint32_t envelope_records = 0;
  std::uint64_t used = 0;                                       // of the buffer
  std::vector<std::pair<std::uint64_t, RecordHeader>> records;  // in the buffer, by where they begin
  std::vector<Part> parts;
  std::vector<Place> places;
  std::unique_ptr<std::uint8_t[]> buffer;
};

struct Spool::State {
  State(const Settings& settings, Counters& counters);

  // -- slots and ids (slots.cpp)
  Message* find(MessageId id);
  Slot slot_of(MessageId id) const { return ids_.find(id); }
  MessageId next_id(WallTime wall);
  Slot take_slot(MessageId id);
  void free_slot(Slot slot);
  void occupy(Message& message, SegmentNumber segment, std::uint64_t bytes);
  void unhold(Message& message);
  void set_mark(Mark& mark, SegmentNumber segment, std::uint64_t offset, std::uint64_t bytes);
  void clear_mark(Mark& mark);
  void kill(Slot slot, bool tomb);
  void buried(Slot slot, SegmentNumber done_in);
  void free_if_over(Slot slot);
  void emit(EventKind kind, MessageId id, bool no_space = false) { events_.push_back({kind, id, no_space}); }

  // -- taking messages in (intake.cpp)
  Result<MessageId> begin(const mail::Envelope& envelope, Now now);
  std::size_t append(MessageId id, Bytes bytes);
  void finish(MessageId id, Now now, const Marks& marks);
  void abandon(MessageId id);
  bool open_chunk(Slot slot, std::size_t more);
  bool open_envelope_chunk(Slot slot);
  void put_envelope(Message& message, Chunk& chunk, ChunkIndex index);
  void open_body(Slot slot, Chunk& chunk);
  bool grow(Slot slot, std::size_t more);
  void close_body(Message& message, Chunk& chunk, ChunkIndex index);
  void seal(Slot slot);
  bool commit(Slot slot);
  std::size_t body_room(const Chunk& chunk, ChunkIndex index) const;
  void fail_message(Slot slot, bool no_space);
  void settle_commit(Slot slot);

  // -- memory (memory.cpp)
  ChunkIndex obtain(std::size_t wanted, std::size_t least);
  bool evict_one();
  void free_chunk(ChunkIndex index);
  void drop_chunks(Slot slot);
  void cache_chunk(ChunkIndex index);
  void uncache(ChunkIndex index);
  void unpin(Message& message);
  void wait_for_room(Slot slot);
  void flush_idle(Slot except);
  void serve_waiting();
  void idle_push(Slot slot);
  void idle_remove(Slot slot);

  // -- orders and answers (orders.cpp)
  bool next_order(DiskOrder& order);
  void answered(const DiskAnswer& answer, Now now);
  bool order_read(DiskOrder& order);
  bool order_remove(DiskOrder& order);
  bool order_log(DiskOrder& order);
  bool order_chunk(DiskOrder& order);
  bool need_segment(std::uint64_t bytes) const;
  bool order_header(DiskOrder& order);
  void issue(DiskOrder& order, const Outstanding& outstanding, DiskOrder::Kind kind, std::uint8_t* data);
  std::uint64_t place(std::uint64_t bytes);
  void write_record(std::uint8_t* at, RecordHeader header, SegmentNumber segment, std::uint64_t offset) const;
  void chunk_answered(const Outstanding& order, DiskAnswer::Status status);
  void header_answered(const Outstanding& order, DiskAnswer::Status status);
  void remove_answered(const Outstanding& order, DiskAnswer::Status status);
  Position durable() const;
  void write_over(std::uint64_t write);
  void write_refused(DiskAnswer::Status status);

  // -- attempts, states, done (log.cpp)
  void want_log(Slot slot);
  std::size_t log_payload(const Message& message, RecordType type, MutableBytes room, bool alone) const;
  bool log_record(Message& message, RecordType type, LogBuffer& log, std::uint64_t base, std::uint64_t& used);
  bool issue_log(DiskOrder& order, LogBuffer& log, std::uint64_t base, std::uint64_t used);
  bool put_done(MessageId id, LogBuffer& log, std::uint64_t base, std::uint64_t& used);
  bool log_message(Message& message, LogBuffer& log, std::uint64_t base, std::uint64_t& used);
  void log_answered(const Outstanding& order, DiskAnswer::Status status);
  void log_entry_answered(const LogBuffer::Entry& entry, SegmentNumber segment, bool ok);

  // -- reading back (reading.cpp)
  Bytes body(MessageId id, std::uint64_t offset);
  bool want_part(Slot slot, std::uint32_t part);
  void read_answered(const Outstanding& order, DiskAnswer::Status status);
  bool read_is_right(const Message& message, std::uint32_t part, const std::uint8_t* record) const;
  void set_aside(Slot slot);

  // -- the queue (delivery.cpp)
  bool due(Now now, Owed& owed);
  void fill(const Message& message, Owed& owed) const;
  void settle(MessageId id, std::span<const Settled> settled, Now now);
  void note(MessageId id, std::span<const Settled> settled, Now now);
  void postpone(MessageId id, Instant at, Now now);
  void delay_told(MessageId id);
  bool hold(MessageId id, bool held, Now now);
  bool reroute(MessageId id, std::string_view route, Now now);
  bool retry_now(MessageId id, Now now);
  bool give_back(MessageId id, Now now);
  Message* queued(MessageId id);
  bool look_at(Slot slot, Queued& seen) const;
  void take_verdicts(Message& message, std::span<const Settled> settled);
  void release(MessageId id, Now now, std::string_view why);
  void discard(MessageId id);
  void retry(Slot slot);
  void schedule(Slot slot, Instant at);
  void enqueue(Slot slot);
  void done(Slot slot);
  bool turn_is_valid(const Turn& turn) const;

  // -- getting segments back (reclaim.cpp, copy.cpp)
  void reclaim_step();
  void choose_victim();
  void reclaim_messages();
  void reclaim_message(Slot slot);
  bool order_tombs(DiskOrder& order);
  void tomb_answered(const LogBuffer::Entry& entry, SegmentNumber segment, bool ok);
  void start_copy(Slot slot);
  bool order_copy(DiskOrder& order);
  bool copy_read(DiskOrder& order);
  bool copy_write(DiskOrder& order);
  void copy_envelope();
  bool copy_load(const Message& message);
  void copy_body(const Message& message);
  void copy_commit(const Message& message);
  void copy_record(RecordHeader header);
  void copy_answered(const Outstanding& order, DiskAnswer::Status status);
  void finish_copy();
  void abort_copy();

  // -- start (recovery.cpp)
  void recover(SegmentNumber segment, std::uint64_t offset, Bytes bytes);
  void recover_segment_end(SegmentNumber segment, std::uint64_t size);
  void recovered(Now now);
  void disk_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes);
  bool accepting() const;
  void adopt(RecoveredMessage& found, MessageId id, Now now);
  void adopt_progress(Message& message, const RecoveredMessage& found, Now now);
  void adopt_places(Message& message, const RecoveredMessage& found, const RecoveredCopy* copy);

  // What is known of messages lives in memory of its own: a long queue must not take what sessions need.
  ArenaScope enter() const { return ArenaScope(memory_ ? memory_.get() : Arena::current()); }

  Arena::Owner memory_;  // outlives the rest; null where the caller's is used
  Settings settings_;
  Counters& counters_;
  Now now_{};  // of the last call that brought one
  std::size_t frame_bytes_;
  ChunkPool pool_;
  std::vector<Chunk> chunks_;
  ChunkList ready_;
  ChunkList cached_;  // oldest first
  std::deque<Message> slots_;
  std::vector<Slot> free_slots_;
  IdTable ids_;
  MessageId last_id_ = 0;
  std::size_t queue_size_ = 0;
  Segments segments_;
  SegmentNumber current_ = 0;  // written to; 0: none yet
  SegmentNumber next_segment_ = 1;
  SegmentNumber newest_durable_ = 0;  // whose first record is on disk
  std::uint64_t current_used_ = 0;
  bool current_closed_ = true;  // the next write opens a new one
  std::array<std::array<std::uint8_t, 128>, 4> headers_{};
  std::array<bool, 4> header_in_use_{};
  std::vector<Outstanding> orders_;
  std::vector<std::uint32_t> free_orders_;
  std::uint32_t writes_under_way_ = 0;  // of chunks
  SegmentNumber run_ = 0;               // first segment since the start or the last refused write
  struct Written {
    Position at;
    bool over = false;
  };
  std::deque<Written> writes_;     // not answered, or behind one that is not
  std::uint64_t writes_gone_ = 0;  // number of writes_.front()
  std::array<LogBuffer, 2> logs_;
  std::deque<Slot> log_queue_;
  bool log_paused_ = false;  // the disk refused: wait until something changes
  bool remove_paused_ = false;
  std::deque<std::pair<MessageId, std::uint32_t>> reads_wanted_;  // wait for memory
  std::deque<ChunkIndex> reads_ready_;                            // have memory, wait for an order
  std::deque<MessageId> room_wanted_;
  Slot idle_first_ = kNoSlot;
  Slot idle_last_ = kNoSlot;
  bool memory_freed_ = false;
  Schedule schedule_;
  std::vector<Event> events_;
  std::vector<MessageId> aside_;
  std::uint64_t disk_free_ = ~std::uint64_t{0};
  std::uint64_t disk_reserve_ = 0;
  bool refused_no_space_ = false;
  bool choose_victim_ = false;
  Reclaim reclaim_;
  SegmentNumber reclaim_last_ = 0;  // the last victim, and the newest segment then
  SegmentNumber reclaim_last_newest_ = 0;
  Copy copy_;
  Scanner scanner_;
  SegmentNumber scanning_ = 0;
  std::unique_ptr<Catalogue> catalogue_;
  std::vector<Damage> damage_;
};

}  // namespace postern::spool
