#include "firmware/tcp/receive_queue.hpp"

#include <algorithm>
#include <cstring>

namespace postern::tcp {

namespace {

constexpr std::uint32_t kChunk = ChunkPool::kChunkBytes;
constexpr std::uint32_t kNone = ChunkPool::kNone;

std::uint32_t number_of(std::uint64_t position) {
  return static_cast<std::uint32_t>(position / kChunk);
}

}  // namespace

Bytes ReceiveQueue::front(const ChunkPool& pool) const {
  if (ready_ == 0) return {};
  const auto skip = static_cast<std::uint32_t>(front_ % kChunk);
  return {pool.data(head_) + skip, std::min(ready_, kChunk - skip)};
}

void ReceiveQueue::consume(ChunkPool& pool, std::uint32_t count) {
  front_ += count;
  ready_ -= count;
  if (ready_ == 0 && range_count_ == 0) {
    clear(pool);
  } else {
    drop_before(pool, number_of(front_));
  }
}

void ReceiveQueue::drop_before(ChunkPool& pool, std::uint32_t number) {
  while (head_ != kNone && static_cast<std::int32_t>(pool.tag(head_) - number) < 0) {
    const std::uint32_t chunk = head_;
    if (hint_ == chunk) hint_ = kNone;
    head_ = pool.next(chunk);
    pool.give(chunk);
  }
}

// The chunk with this number, made where it is not there yet.
std::uint32_t ReceiveQueue::chunk_for(ChunkPool& pool, std::uint32_t number, bool politely) {
  std::uint32_t before = kNone;
  std::uint32_t at = head_;
  if (hint_ != kNone && static_cast<std::int32_t>(pool.tag(hint_) - number) <= 0) at = hint_;
  while (at != kNone && static_cast<std::int32_t>(pool.tag(at) - number) < 0) {
    before = at;
    at = pool.next(at);
  }
  if (at != kNone && pool.tag(at) == number) return hint_ = at;
  const std::uint32_t fresh = politely ? pool.take_politely() : pool.take();
  if (fresh == kNone) return kNone;
  pool.tag(fresh) = number;
  pool.next(fresh) = at;
  (before == kNone ? head_ : pool.next(before)) = fresh;
  return hint_ = fresh;
}

bool ReceiveQueue::put(ChunkPool& pool, std::uint64_t position, Bytes data, bool politely) {
  while (!data.empty()) {
    const std::uint32_t chunk = chunk_for(pool, number_of(position), politely);
    if (chunk == kNone) return false;
    const auto skip = static_cast<std::uint32_t>(position % kChunk);
    const std::size_t count = std::min<std::size_t>(kChunk - skip, data.size());
    std::memcpy(pool.data(chunk) + skip, data.data(), count);
    data = data.subspan(count);
    position += count;
  }
  return true;
}

bool ReceiveQueue::append(ChunkPool& pool, Bytes data) {
  if (!put(pool, front_ + ready_, data, false)) {
    if (ready_ == 0 && range_count_ == 0) clear(pool);
    return false;
  }
  ready_ += static_cast<std::uint32_t>(data.size());
  return true;
}

bool ReceiveQueue::keep(ChunkPool& pool, SeqNumber next, SeqNumber start, Bytes data,
                        std::uint32_t most_ranges) {
  const SeqRange range{start, start + static_cast<std::uint32_t>(data.size())};
  const std::uint64_t position = front_ + ready_ + start.since(next);
  const bool kept = has_place(pool, range, most_ranges) && put(pool, position, data, true) &&
                    add_range(pool, range, most_ranges);
  if (!kept && ready_ == 0 && range_count_ == 0) clear(pool);
  return kept;
}

// Asked before a chunk is taken for what could not be noted.
bool ReceiveQueue::has_place(const ChunkPool& pool, SeqRange range, std::uint32_t most_ranges) const {
  if (range_count_ < std::min(most_ranges, kMostRanges)) return true;
  const auto all = ranges(pool);
  return std::any_of(all.begin(), all.end(),
                     [&](const SeqRange& r) { return r.end >= range.start && r.start <= range.end; });
}

// Inserts `range` and joins it with what it touches.
bool ReceiveQueue::add_range(ChunkPool& pool, SeqRange range, std::uint32_t most_ranges) {
  if (ranges_ == kNone) {
    if ((ranges_ = pool.take_politely()) == kNone) return false;
    page(pool).recent_count = 0;
  }
  SeqRange* const all = range_array(pool);
  SeqRange* const end = all + range_count_;
  SeqRange* first = std::find_if(all, end, [&](const SeqRange& r) { return r.end >= range.start; });
  SeqRange* last = std::find_if(first, end, [&](const SeqRange& r) { return r.start > range.end; });
  if (first == last) {
    if (range_count_ >= std::min(most_ranges, kMostRanges)) return false;
    std::move_backward(first, end, end + 1);
    *first = range;
    ++range_count_;
    note_recent(page(pool), range);
    return true;
  }
  first->start = earlier(first->start, range.start);
  first->end = later((last - 1)->end, range.end);
  std::move(last, end, first + 1);
  range_count_ -= static_cast<std::uint32_t>(last - first - 1);
  note_recent(page(pool), *first);
  return true;
}

// What lay in `range` before is the same range now: it is remembered once, at the front.
void ReceiveQueue::note_recent(RangePage& page, SeqRange range) {
  std::uint32_t kept = 0;
  SeqNumber next[RangePage::kRecent];
  for (std::uint32_t i = 0; i < page.recent_count; ++i) {
    const bool inside = page.recent[i] >= range.start && page.recent[i] < range.end;
    if (!inside && kept + 1 < RangePage::kRecent) next[kept++] = page.recent[i];
  }
  page.recent[0] = range.start;
  std::copy_n(next, kept, page.recent + 1);
  page.recent_count = kept + 1;
}

std::size_t ReceiveQueue::recent_ranges(const ChunkPool& pool, std::span<SeqRange> out) const {
  if (range_count_ == 0) return 0;
  const RangePage& all = page(pool);
  std::size_t count = 0;
  const auto add = [&](const SeqRange& range) {
    for (std::size_t i = 0; i < count; ++i) {
      if (out[i].start == range.start) return;
    }
    if (count < out.size()) out[count++] = range;
  };
  for (std::uint32_t i = 0; i < all.recent_count; ++i) {
    const SeqRange* const end = all.ranges + range_count_;
    const SeqRange* const hit =
        std::find_if(all.ranges, end, [&](const SeqRange& r) { return r.end > all.recent[i]; });
    if (hit != end && hit->start <= all.recent[i]) add(*hit);
  }
  for (std::uint32_t i = 0; i < range_count_ && count < out.size(); ++i) add(all.ranges[i]);
  return count;
}

SeqRange ReceiveQueue::held(const ChunkPool& pool, SeqRange range) const {
  for (const SeqRange& r : ranges(pool)) {
    if (r.end <= range.start) continue;
    if (r.start >= range.end) break;
    return {later(r.start, range.start), earlier(r.end, range.end)};
  }
  return {range.start, range.start};
}

SeqNumber ReceiveQueue::join(ChunkPool& pool, SeqNumber next) {
  if (range_count_ == 0) return next;
  SeqRange* const all = range_array(pool);
  std::uint32_t gone = 0;
  while (gone < range_count_ && all[gone].start <= next) {
    if (all[gone].end > next) {
      ready_ += all[gone].end.since(next);
      next = all[gone].end;
    }
    ++gone;
  }
  std::move(all + gone, all + range_count_, all);
  range_count_ -= gone;
  if (range_count_ == 0) {
    pool.give(ranges_);
    ranges_ = kNone;
  }
  return next;
}

std::span<const SeqRange> ReceiveQueue::ranges(const ChunkPool& pool) const {
  if (range_count_ == 0) return {};
  return {page(pool).ranges, range_count_};
}

void ReceiveQueue::clear(ChunkPool& pool) {
  while (head_ != kNone) {
    const std::uint32_t chunk = head_;
    head_ = pool.next(chunk);
    pool.give(chunk);
  }
  if (ranges_ != kNone) pool.give(ranges_);
  hint_ = ranges_ = kNone;
  range_count_ = 0;
  ready_ = 0;
}

}  // namespace postern::tcp
