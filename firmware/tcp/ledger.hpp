// The sender's ledger: every sequence number in flight, as spans that say when it was sent last and what is
// known about it. It is the SACK scoreboard of RFC 6675 and the transmission times of RFC 8985 in one sorted
// list.
//
//  - The spans cover [SND.UNA, SND.NXT) without gaps and in order.
//  - What was sent at one instant and has one fate is one span, so the list is as long as there are bursts
//  and holes.
//  - kInline spans live in the connection; more of them in a chunk, at most kMost. Where no span can be added
//  the
//    ledger says so and knows less (a SACK is forgotten, two sendings count as one): it never grows.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "firmware/tcp/chunk_pool.hpp"
#include "firmware/tcp/sequence_number.hpp"

namespace postern::tcp {

struct Span {
  static constexpr std::uint8_t kSacked = 1;         // the peer reported it (RFC 2018)
  static constexpr std::uint8_t kLost = 2;           // taken for lost and not sent again yet
  static constexpr std::uint8_t kProbe = 8;          // larger than the path is known to take (RFC 4821)
  static constexpr std::uint8_t kRetransmitted = 4;  // sent more than once: its acknowledgment is ambiguous

  SeqNumber start;
  SeqNumber end;
  std::uint64_t stamp = 0;  // microseconds of the last sending << 8 | flags

  std::uint32_t size() const { return end.since(start); }
  std::uint64_t sent() const { return stamp >> 8; }
  bool is(std::uint8_t flags) const { return (stamp & flags) != 0; }
  void set(std::uint8_t flags) { stamp |= flags; }
  void unset(std::uint8_t flags) { stamp &= ~std::uint64_t{flags}; }
};

// What one arrived segment delivered. The first three fields are given; the ledger fills in the rest.
struct Delivery {
  std::uint64_t now = 0;      // microseconds
  std::uint32_t min_rtt = 0;  // microseconds
  SeqNumber sent_before;      // data before it were sent before the last time-out

  std::uint32_t acked = 0;      // bytes acknowledged cumulatively
  std::uint32_t delivered = 0;  // bytes acknowledged or SACKed for the first time
  bool newly_sacked = false;
  bool original = false;      // something from before `sent_before` that was never sent again was delivered
  bool out_of_order = false;  // something never retransmitted was delivered after later data (RFC 8985 §6.2)
  std::uint64_t sample_sent = 0;  // when the youngest delivered span sent once was sent; 0: none (Karn)
  bool ambiguous = false;  // something sent twice was acknowledged: the times of the rest tell nothing either
  bool probe = false;      // a probe of the path's size arrived
  bool has_rack = false;   // RFC 8985 §6.2 step 2: the segment sent last among the delivered
  std::uint64_t rack_sent = 0;
  SeqNumber rack_end;
};

class Ledger {
 public:
  static constexpr std::uint32_t kInline = 2;
  static constexpr std::uint32_t kMost = 255;

  bool empty() const { return count_ == 0; }
  std::uint32_t sacked() const { return sacked_; }
  std::uint32_t lost() const { return lost_; }
  std::span<Span> spans(ChunkPool& pool) { return {base(pool), count_}; }

  // False where the ledger is full: then nothing new may be sent.
  bool can_send(ChunkPool& pool);
  // New data left. False, with nothing noted, only where can_send() is false.
  bool sent(ChunkPool& pool, SeqNumber start, SeqNumber end, std::uint64_t now, std::uint8_t flags = 0);
  // The first `count` bytes of span `index` were sent again.
  void resent(ChunkPool& pool, std::uint32_t index, std::uint32_t count, std::uint64_t now);
  // Everything from `start` on was sent again, though not taken for lost (a probe of the tail, RFC 8985
  // §7.3).
  void resent_tail(ChunkPool& pool, SeqNumber start, std::uint64_t now);
  // What was sent from `from` on was not taken by the peer and is forgotten: it counts as never sent.
  void unsend(ChunkPool& pool, SeqNumber from);

  void acknowledge(ChunkPool& pool, SeqNumber ack, Delivery& delivery);
  void take_sack(ChunkPool& pool, SeqNumber start, SeqNumber end, Delivery& delivery);

  // Index of the first span taken for lost; kMost where there is none.
  std::uint32_t first_lost(ChunkPool& pool);
  // Bytes of the probe, where it is all that is taken for lost; 0 otherwise. It is a probe no more.
  std::uint32_t lost_probe(ChunkPool& pool);
  // The first `count` bytes that are not SACKed are lost (three duplicate acknowledgments).
  void lose_front(ChunkPool& pool, std::uint32_t count);
  // Everything the peer has not SACKed is lost (a retransmission time-out).
  void lose_all(ChunkPool& pool);
  // What was taken for lost and not sent again is on its way after all.
  void find_lost(ChunkPool& pool);
  // RFC 8985 §6.2 step 5: what was sent before the RACK segment and long enough ago is lost. Returns how long
  // the youngest survivor has to be waited for; 0 where there is none.
  std::uint64_t lose_older(ChunkPool& pool, std::uint64_t rack_sent, SeqNumber rack_end,
                           std::uint64_t patience, std::uint64_t now);
  // The peer took back what it had SACKed (RFC 2018 §8).
  void forget_sacks(ChunkPool& pool);
  SeqNumber highest_sacked(ChunkPool& pool, SeqNumber otherwise);

  void clear(ChunkPool& pool);

 private:
  Span* base(ChunkPool& pool) {
    return chunk_ == ChunkPool::kNone ? inline_.data() : reinterpret_cast<Span*>(pool.data(chunk_)) + first_;
  }
  bool make_room(ChunkPool& pool, std::uint32_t spare);
  bool insert(ChunkPool& pool, std::uint32_t at, SeqNumber start, SeqNumber end, std::uint64_t stamp);
  bool split(ChunkPool& pool, std::uint32_t index, SeqNumber at);
  void drop_front(ChunkPool& pool, std::uint32_t count);
  void remember(const Span& span, SeqNumber end, Delivery& delivery) const;
  void mark_lost(Span& span);
  void join_equal(ChunkPool& pool);

  std::array<Span, kInline> inline_{};
  std::uint32_t chunk_ = ChunkPool::kNone;
  std::uint16_t first_ = 0;  // of the spans in the chunk
  std::uint16_t count_ = 0;
  std::uint32_t sacked_ = 0;
  std::uint32_t lost_ = 0;
};

}  // namespace postern::tcp
