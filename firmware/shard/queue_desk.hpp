// People at the queue: looks messages up, and holds, releases, retries, reroutes, gives back or drops them.
//
// One piece of work at a time, a bounded part of it per turn. A message is never dropped or given back while
// a delivery of it is under way: it would be there although people were told it is not. What was done is told
// to the message log with who did it. RFC 5321 §4.5.4 (the queue), §6.1 (bounces).
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

#include "firmware/shard/queue_work.hpp"
#include "firmware/shard/shard.hpp"

namespace postern::shard {

class QueueDesk {
 public:
  static constexpr std::size_t kMost = 16;  // waiting; more are not taken

  explicit QueueDesk(Shard::State& shard) : shard_(shard) {}

  // `work` stays until next() gave it back. False: too many wait.
  bool take(QueueWork& work);
  // A part of the first piece of work.
  void pump();
  bool busy() const { return !waiting_.empty(); }
  // One that is through; null where there is none.
  QueueWork* next();

 private:
  // False where nothing more is to be looked at in this piece.
  bool step(QueueWork& work);
  bool step_recipients(QueueWork& work) const;
  bool look(const QueueWork& work, spool::Queued& seen) const;
  bool is_owed_to(const QueueQuestion& question, const spool::Queued& seen) const;
  std::string_view last_words(const spool::Queued& seen) const;
  bool fits(const QueueWork& work, const spool::Queued& seen) const;
  bool is_busy(QueueVerb verb, const spool::Queued& seen) const;
  void show(QueueWork& work, const spool::Queued& seen, bool done) const;
  void act(const QueueWork& work, const spool::Queued& seen);
  void tell(const QueueWork& work, const spool::Queued& seen) const;

  Shard::State& shard_;
  std::deque<QueueWork*> waiting_;  // the first one is being worked on
  std::deque<QueueWork*> over_;
  std::uint32_t looks_ = 0;  // of the piece being worked on
  std::uint32_t acts_ = 0;
};

}  // namespace postern::shard
