// The work of an outbound session: a part of a message, or a question about a recipient.
#include <algorithm>
#include <utility>

#include "firmware/shard/outbound.hpp"
#include "firmware/shard/state.hpp"

namespace postern::shard {

void Outbound::deliver(Part part) {
  part_ = std::move(part);
  job_ = Job::message;
  started_ = false;
  shard_.watch(part_.owed().id, channel_.id());
  shard_.run_again(channel_.id());
}

void Outbound::probe(const mail::Path& recipient) {
  probed_ = recipient;
  job_ = Job::probe;
  started_ = false;
  shard_.run_again(channel_.id());
}

// Gives the waiting job to the client once it is ready for one; true where that happened. What is insisted on
// was looked at when the session became ready.
bool Outbound::begin_job() {
  if (job_ == Job::none || started_ || !ready_ || !client_.idle()) return false;
  started_ = true;
  idle_since_ = kNever;
  if (job_ == Job::probe) {
    client_.probe(probed_, shard_.now);
  } else {
    offset_ = 0;
    ++messages_;
    client_.deliver(part_.envelope(), part_.recipients, part_.owed().bytes, shard_.now);
  }
  return true;
}

// The last `front` bytes of what is stored go out first.
bool Outbound::feed_body() {
  const auto& owed = part_.owed();
  if (offset_ == owed.bytes) {
    client_.body_end(shard_.now);
    return true;
  }
  const std::uint64_t front = std::min<std::uint64_t>(owed.marks.front, owed.bytes);
  const bool in_front = offset_ < front;
  const std::uint64_t at = in_front ? owed.bytes - front + offset_ : offset_ - front;
  Bytes bytes = shard_.spool.body(owed.id, at);
  if (bytes.empty()) return false;  // body_ready will come
  const std::uint64_t left = in_front ? front - offset_ : owed.bytes - offset_;
  if (bytes.size() > left) bytes = bytes.first(static_cast<std::size_t>(left));
  const std::size_t taken = client_.body(bytes, shard_.now);
  offset_ += taken;
  return taken > 0 || !client_.output().empty();
}

void Outbound::on_spool(const spool::Event& event) {
  if (job_ != Job::message || event.id != part_.owed().id) return;
  if (event.kind == spool::EventKind::body_ready) shard_.run_again(channel_.id());
  if (event.kind == spool::EventKind::body_failed) {
    // Half a message must not be taken for a whole one: cut the connection. Delivery finds the message set
    // aside.
    job_ = Job::none;
    shard_.unwatch(event.id, channel_.id());
    part_ = {};
    shard_.delivery.lost();
    drop();
  }
}

void Outbound::finish_job() {
  if (job_ == Job::message) finish_message();
  if (job_ == Job::probe) finish_probe();
  idle_since_ = shard_.now.instant;
}

void Outbound::finish_probe() {
  job_ = Job::none;
  carrier_.probed(probed_, client_.results());
}

void Outbound::finish_message() {
  job_ = Job::none;
  shard_.unwatch(part_.owed().id, channel_.id());
  carrier_.done(*this, std::move(part_), client_.results());
}

}  // namespace postern::shard
