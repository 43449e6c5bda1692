#include "firmware/tcp/ledger.hpp"

#include <algorithm>
#include <limits>

namespace postern::tcp {

// Room for one span more, and for `spare` after it.
bool Ledger::make_room(ChunkPool& pool, std::uint32_t spare) {
  if (chunk_ == ChunkPool::kNone) {
    if (count_ + spare < kInline) return true;
    const std::uint32_t chunk = pool.take_politely();
    if (chunk == ChunkPool::kNone) return false;
    std::copy_n(inline_.begin(), count_, reinterpret_cast<Span*>(pool.data(chunk)));
    chunk_ = chunk;
    first_ = 0;
    return true;
  }
  if (count_ + spare >= kMost) return false;
  if (first_ + count_ >= kMost) {
    Span* const all = reinterpret_cast<Span*>(pool.data(chunk_));
    std::copy_n(all + first_, count_, all);
    first_ = 0;
  }
  return true;
}

bool Ledger::insert(ChunkPool& pool, std::uint32_t at, SeqNumber start, SeqNumber end, std::uint64_t stamp) {
  if (!make_room(pool, 0)) return false;
  Span* const all = base(pool);
  std::copy_backward(all + at, all + count_, all + count_ + 1);
  all[at].start = start;  // member by member: copying what was just put together stalls
  all[at].end = end;
  all[at].stamp = stamp;
  ++count_;
  return true;
}

bool Ledger::split(ChunkPool& pool, std::uint32_t index, SeqNumber at) {
  const Span whole = base(pool)[index];
  if (!insert(pool, index + 1, at, whole.end, whole.stamp)) return false;
  base(pool)[index].end = at;
  return true;
}

void Ledger::drop_front(ChunkPool& pool, std::uint32_t count) {
  count_ = static_cast<std::uint16_t>(count_ - count);
  if (count_ == 0) {
    clear(pool);
  } else if (chunk_ == ChunkPool::kNone) {
    std::copy_n(inline_.begin() + count, count_, inline_.begin());
  } else {
    first_ = static_cast<std::uint16_t>(first_ + count);
  }
}

bool Ledger::can_send(ChunkPool& pool) {
  return make_room(pool, 1) || (count_ > 0 && !base(pool)[count_ - 1].is(Span::kSacked | Span::kLost));
}

bool Ledger::sent(ChunkPool& pool, SeqNumber start, SeqNumber end, std::uint64_t now, std::uint8_t flags) {
  const std::uint64_t stamp = now << 8 | flags;
  if (count_ > 0) {
    Span& last = base(pool)[count_ - 1];
    if (last.stamp == stamp && flags == 0) {
      last.end = end;
      return true;
    }
  }
  // A place is left for the split that a repair may need.
  if (make_room(pool, 1)) return insert(pool, count_, start, end, stamp);
  if (count_ == 0) return false;
  Span& last = base(pool)[count_ - 1];
  if (last.is(Span::kSacked | Span::kLost)) return false;
  last.end = end;  // no memory: two sendings count as one, without a clean round-trip sample
  last.stamp = now << 8 | Span::kRetransmitted;
  return true;
}

void Ledger::resent(ChunkPool& pool, std::uint32_t index, std::uint32_t count, std::uint64_t now) {
  const std::uint64_t stamp = now << 8 | Span::kRetransmitted;
  const SeqNumber end = base(pool)[index].start + count;
  const bool apart = end >= base(pool)[index].end || split(pool, index, end);
  Span* const span = base(pool) + index;
  Span* const before = index > 0 ? span - 1 : nullptr;
  if (!apart && before != nullptr && !before->is(Span::kSacked | Span::kLost)) {
    // No memory to tell them apart: what was sent again counts as part of the span before it.
    if (span->is(Span::kLost)) lost_ -= count;
    before->end = span->start = end;
    before->stamp = stamp;
    return;
  }
  // Where even that cannot be, the whole span counts as sent: a time-out will find the rest.
  if (span->is(Span::kLost)) lost_ -= span->size();
  span->stamp = stamp;
  if (before == nullptr || before->stamp != stamp) return;
  before->end = span->end;  // what went out together is one span
  std::copy(span + 1, base(pool) + count_, span);
  --count_;
}

void Ledger::resent_tail(ChunkPool& pool, SeqNumber start, std::uint64_t now) {
  for (std::uint32_t i = count_; i-- > 0;) {
    if (base(pool)[i].end <= start) return;
    if (base(pool)[i].start < start && !split(pool, i, start)) return;
    if (base(pool)[i].start < start) ++i;
    Span& span = base(pool)[i];
    if (span.is(Span::kSacked)) continue;
    if (span.is(Span::kLost)) lost_ -= span.size();
    span.stamp = now << 8 | Span::kRetransmitted;
    if (span.start == start) return;
  }
}

void Ledger::unsend(ChunkPool& pool, SeqNumber from) {
  while (count_ > 0 && base(pool)[count_ - 1].end > from) {
    Span& last = base(pool)[count_ - 1];
    const SeqNumber cut = later(last.start, from);
    const std::uint32_t gone = last.end.since(cut);
    if (last.is(Span::kSacked)) sacked_ -= gone;
    if (last.is(Span::kLost)) lost_ -= gone;
    last.end = cut;
    if (last.size() > 0) return;
    if (--count_ == 0) clear(pool);
  }
}

// Takes note of what the delivery of `span` up to `end` tells about times.
void Ledger::remember(const Span& span, SeqNumber end, Delivery& delivery) const {
  const bool again = span.is(Span::kRetransmitted);
  const std::uint64_t sent = span.sent();
  if (span.is(Span::kProbe) && !again && end == span.end) delivery.probe = true;
  if (!again && span.start < delivery.sent_before) delivery.original = true;
  if (!again) delivery.sample_sent = std::max(delivery.sample_sent, sent);
  // RFC 8985 §6.2 step 2: what comes back sooner than a round trip answers the first sending.
  if (again && delivery.now - sent < delivery.min_rtt) return;
  const bool younger = sent > delivery.rack_sent || (sent == delivery.rack_sent && end > delivery.rack_end);
  if (delivery.has_rack && !younger) return;
  delivery.has_rack = true;
  delivery.rack_sent = sent;
  delivery.rack_end = end;
}

void Ledger::acknowledge(ChunkPool& pool, SeqNumber ack, Delivery& delivery) {
  std::uint32_t gone = 0;
  Span* const all = base(pool);
  for (; gone < count_ && all[gone].start < ack; ++gone) {
    Span& span = all[gone];
    const SeqNumber end = earlier(span.end, ack);
    const std::uint32_t bytes = end.since(span.start);
    delivery.acked += bytes;
    // What waited behind a hole was acknowledged late, with the repair of the hole.
    if (span.is(Span::kRetransmitted | Span::kLost)) delivery.ambiguous = true;
    if (span.is(Span::kLost)) lost_ -= bytes;
    if (span.is(Span::kSacked)) {
      sacked_ -= bytes;
    } else {
      delivery.delivered += bytes;
      if (sacked_ > 0 && !span.is(Span::kRetransmitted)) delivery.out_of_order = true;
      remember(span, end, delivery);
    }
    span.start = end;
    if (span.size() > 0) break;
  }
  if (gone > 0) drop_front(pool, gone);
}

void Ledger::take_sack(ChunkPool& pool, SeqNumber start, SeqNumber end, Delivery& delivery) {
  const SeqNumber highest = highest_sacked(pool, start);
  for (std::uint32_t i = 0; i < count_ && base(pool)[i].start < end; ++i) {
    const Span span = base(pool)[i];
    if (span.end <= start || span.is(Span::kSacked)) continue;
    if (span.start < start) {
      if (!split(pool, i, start)) return;
      continue;  // the part inside comes next
    }
    if (span.end > end && !split(pool, i, end)) return;
    Span& hit = base(pool)[i];
    if (hit.is(Span::kLost)) lost_ -= hit.size();
    sacked_ += hit.size();
    delivery.delivered += hit.size();
    delivery.newly_sacked = true;
    if (hit.end < highest && !hit.is(Span::kRetransmitted)) delivery.out_of_order = true;
    remember(hit, hit.end, delivery);
    hit.unset(Span::kLost);
    hit.set(Span::kSacked);
  }
  join_equal(pool);
}

// Neighbours that were SACKed become one span: their times no longer matter.
void Ledger::join_equal(ChunkPool& pool) {
  Span* const all = base(pool);
  std::uint32_t kept = 0;
  for (std::uint32_t i = 1; i < count_; ++i) {
    const bool both_sacked = all[kept].is(Span::kSacked) && all[i].is(Span::kSacked);
    const bool both_lost = all[kept].is(Span::kLost) && all[i].is(Span::kLost);
    if (both_sacked || both_lost) {
      const std::uint64_t flags = (all[kept].stamp | all[i].stamp) & 0xff & ~std::uint64_t{Span::kProbe};
      all[kept].end = all[i].end;
      all[kept].stamp = (std::max(all[kept].stamp, all[i].stamp) | flags) & ~std::uint64_t{Span::kProbe};
    } else {
      all[++kept] = all[i];
    }
  }
  if (count_ > 0) count_ = static_cast<std::uint16_t>(kept + 1);
}

std::uint32_t Ledger::first_lost(ChunkPool& pool) {
  if (lost_ == 0) return kMost;
  const Span* const all = base(pool);
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (all[i].is(Span::kLost)) return i;
  }
  return kMost;
}

std::uint32_t Ledger::lost_probe(ChunkPool& pool) {
  for (Span& span : spans(pool)) {
    if (!span.is(Span::kProbe)) continue;
    if (!span.is(Span::kLost) || span.size() != lost_) return 0;
    span.unset(Span::kProbe);
    return span.size();
  }
  return 0;
}

void Ledger::mark_lost(Span& span) {
  if (span.is(Span::kLost | Span::kSacked)) return;
  span.set(Span::kLost);
  lost_ += span.size();
}

void Ledger::lose_front(ChunkPool& pool, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Span& span = base(pool)[i];
    if (span.is(Span::kSacked)) continue;
    if (span.is(Span::kLost)) return;
    if (span.size() > count) split(pool, i, span.start + count);
    mark_lost(base(pool)[i]);
    return;
  }
}

void Ledger::lose_all(ChunkPool& pool) {
  for (Span& span : spans(pool)) mark_lost(span);
  join_equal(pool);
}

void Ledger::find_lost(ChunkPool& pool) {
  for (Span& span : spans(pool)) {
    if (!span.is(Span::kLost)) continue;
    span.unset(Span::kLost);
    lost_ -= span.size();
  }
}

std::uint64_t Ledger::lose_older(ChunkPool& pool, std::uint64_t rack_sent, SeqNumber rack_end,
                                 std::uint64_t patience, std::uint64_t now) {
  std::uint64_t wait = 0;
  for (Span& span : spans(pool)) {
    if (span.is(Span::kSacked | Span::kLost)) continue;
    const bool before = span.sent() < rack_sent || (span.sent() == rack_sent && span.end < rack_end);
    if (!before) continue;
    if (span.sent() + patience <= now) {
      mark_lost(span);
    } else {
      wait = std::max(wait, span.sent() + patience - now);
    }
  }
  return wait;
}

void Ledger::forget_sacks(ChunkPool& pool) {
  for (Span& span : spans(pool)) span.unset(Span::kSacked);
  sacked_ = 0;
}

SeqNumber Ledger::highest_sacked(ChunkPool& pool, SeqNumber otherwise) {
  if (sacked_ == 0) return otherwise;
  const Span* const all = base(pool);
  for (std::uint32_t i = count_; i-- > 0;) {
    if (all[i].is(Span::kSacked)) return all[i].end;
  }
  return otherwise;
}

void Ledger::clear(ChunkPool& pool) {
  if (chunk_ != ChunkPool::kNone) pool.give(chunk_);
  chunk_ = ChunkPool::kNone;
  first_ = count_ = 0;
  sacked_ = lost_ = 0;
}

}  // namespace postern::tcp
