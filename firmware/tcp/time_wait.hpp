// TIME-WAIT without a connection: what is needed to answer the peer's last FIN again, and to know a new SYN
// from an old one (RFC 9293 §3.10.7.4, RFC 6191, RFC 1337).
//
// All records live equally long, so they lie in a ring in the order they expire; one that is needed longer is
// written anew at the end. When the ring is full the oldest makes way.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/tcp/sequence_number.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::tcp {

struct TimeWait {
  wire::Flow flow;
  std::uint32_t table_hash = 0;
  SeqNumber send_next;
  SeqNumber receive_next;
  std::uint32_t timestamp_recent = 0;
  std::uint32_t timestamp_offset = 0;
  std::uint16_t window = 0;
  bool timestamps = false;
  bool live = false;
  std::uint8_t challenges = 0;  // answers given in `challenge_second`
  std::uint16_t challenge_second = 0;
  Instant until{};
};

class TimeWaitTable {
 public:
  explicit TimeWaitTable(std::uint32_t records) : ring_(records == 0 ? 1 : records) {}

  bool full() const { return count_ == ring_.size(); }
  bool empty() const { return count_ == 0; }
  std::uint32_t first() const { return first_; }
  TimeWait& at(std::uint32_t slot) { return ring_[slot]; }
  const TimeWait& at(std::uint32_t slot) const { return ring_[slot]; }
  std::uint32_t add(const TimeWait& record) {
    const auto slot = static_cast<std::uint32_t>((first_ + count_) % ring_.size());
    ring_[slot] = record;
    ring_[slot].live = true;
    ++count_;
    return slot;
  }
  void drop_first() {
    first_ = static_cast<std::uint32_t>((first_ + 1) % ring_.size());
    --count_;
  }

 private:
  std::vector<TimeWait> ring_;
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace postern::tcp
