// See table.hpp: the reading side. Nothing that stands in the memory is trusted: every offset and length is
// checked against the span before it is followed.
#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>

#include "firmware/policy/table/layout.hpp"
#include "firmware/policy/table/table.hpp"

namespace postern::policy {

using namespace table;

namespace {

constexpr int kAttempts = 4;

std::uint64_t word(const std::uint8_t* memory, std::size_t index) {
  return load(memory + index * 8);
}

SipKey key_in(const std::uint8_t* memory) {
  SipKey key;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto half = word(memory, Header::seed + i);
    std::memcpy(key.data() + i * 8, &half, 8);
  }
  return key;
}

const std::uint8_t* bucket_at(const std::uint8_t* memory, std::uint64_t bucket) {
  return memory + kHeaderBytes + bucket * kLine;
}

// The blocks a domain may be in: those whose slots bear its tag, mostly one. Four slots are compared at a
// time and without a branch: which one it is cannot be predicted. (An aligned load does not tear words of 32
// bits.)
class Candidates {
 public:
  Candidates(const std::uint8_t* memory, const Place& place, unsigned offset)
      : offset_mask_((Slot{1} << offset) - 1),
        buckets_{bucket_at(memory, place.buckets[0]), bucket_at(memory, place.buckets[1])},
        matches_(matches(buckets_[0], place.tag) | matches(buckets_[1], place.tag) << kSlots) {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  }
  // The next block's first unit, if any.
  bool next(std::uint64_t& first) {
    if (matches_ == 0) return false;
    const auto which = static_cast<std::size_t>(std::countr_zero(matches_));
    first = load_slot(buckets_[which / kSlots] + which % kSlots * sizeof(Slot)) & offset_mask_;
    matches_ &= matches_ - 1;
    return true;
  }

 private:
  std::uint32_t matches(const std::uint8_t* bucket, Slot tag) const {
    const auto wanted = _mm_set1_epi32(static_cast<int>(tag));
    const auto tags = _mm_set1_epi32(static_cast<int>(~offset_mask_));
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < kSlots; i += 4) {
      const auto slots = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket + i * sizeof(Slot)));
      const auto same = _mm_cmpeq_epi32(_mm_and_si128(slots, tags), wanted);
      const auto used = _mm_andnot_si128(_mm_cmpeq_epi32(slots, _mm_setzero_si128()), same);
      found |= static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(used))) << i;
    }
    return found;
  }

  Slot offset_mask_;
  std::array<const std::uint8_t*, 2> buckets_;
  std::uint32_t matches_;
};
static_assert(2 * kSlots == 32, "a bit for each");

// What a decision reads of a block, all at once.
void prefetch_front(const std::uint8_t* block) {
  for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(block + line * kLine);
}

enum class Copy : std::uint8_t { done, torn, none };

constexpr std::size_t kAllHosts = ~std::size_t{0};

void copy_words(const std::uint8_t* from, std::size_t begin, std::size_t end, std::uint8_t* to) {
  for (; begin + 8 <= end; begin += 8) {
    const auto value = load(from + begin);
    std::memcpy(to + begin, &value, 8);
  }
  if (begin == end) return;
  const auto value = load(from + begin);
  std::memcpy(to + begin, &value, end - begin);
}

// Copies one block out, or its front, whole words at a time.
Copy copy_block(const std::uint8_t* block, std::size_t room, std::size_t hosts, MutableBytes buffer,
                std::size_t& length) {
  const auto before = load_acquire(block);
  if ((before & 1) != 0) return Copy::torn;
  length = load(block + 8);
  const bool fits =
      length >= FactsView::kHeadBytes && length <= kMostEncoded && kBlockHead + (length + 7) / 8 * 8 <= room;
  const bool front = hosts != kAllHosts;
  if (!fits || buffer.size() < (front ? FactsView::kHeadBytes : length)) {
    return load(block) == before ? Copy::none : Copy::torn;
  }
  std::size_t done = 0;
  if (front) {
    copy_words(block + kBlockHead, 0, FactsView::kHeadBytes, buffer.data());
    done = FactsView::kHeadBytes;
    length = std::min({length, FactsView::front_size(buffer, hosts), buffer.size()});
  }
  if (length > done) copy_words(block + kBlockHead, done, length, buffer.data());
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return load(block) == before ? Copy::done : Copy::torn;
}

}  // namespace

Result<TableReader> TableReader::over(Bytes memory) {
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % kLine != 0 || memory.size() < kHeaderBytes) {
    return fail("this is no policy table");
  }
  if (word(memory.data(), Header::magic) != kMagic) return fail("this is no policy table");
  TableReader reader;
  reader.memory_ = memory.data();
  reader.buckets_ = word(memory.data(), Header::buckets);
  reader.units_ = word(memory.data(), Header::units);
  const bool plausible = reader.buckets_ != 0 && reader.buckets_ <= memory.size() / kLine &&
                         reader.units_ <= std::min<std::uint64_t>(memory.size() / kUnit, kMostUnits) &&
                         blocks_at(reader.buckets_) + reader.units_ * kUnit <= memory.size();
  if (!plausible) return fail("the policy table does not fit its memory");
  return reader;
}

void TableReader::prefetch(std::span<const std::string_view> domains) const {
  constexpr std::size_t kMost = 16;
  const auto key = key_in(memory_);
  const auto offset = offset_bits(units_);
  std::array<Place, kMost> places;
  for (; !domains.empty(); domains = domains.subspan(std::min(kMost, domains.size()))) {
    const auto now = domains.first(std::min(kMost, domains.size()));
    for (std::size_t i = 0; i < now.size(); ++i) {
      places[i] = place_of(key, now[i], buckets_, offset);
      for (const auto bucket : places[i].buckets) __builtin_prefetch(bucket_at(memory_, bucket));
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
      Candidates found(memory_, places[i], offset);
      for (std::uint64_t first; found.next(first);) {
        if (first < units_) prefetch_front(memory_ + blocks_at(buckets_) + first * kUnit);
      }
    }
  }
}

Bytes TableReader::lookup(std::string_view domain, MutableBytes buffer) const {
  return find(domain, kAllHosts, buffer);
}

Bytes TableReader::lookup_front(std::string_view domain, std::size_t hosts, MutableBytes buffer) const {
  return find(domain, std::min(hosts, kMostHosts), buffer);
}

Bytes TableReader::find(std::string_view domain, std::size_t hosts, MutableBytes buffer) const {
  const auto epoch = load_acquire(memory_ + Header::epoch * 8);
  if ((epoch & 1) != 0 || word(memory_, Header::buckets) != buckets_ ||
      word(memory_, Header::units) != units_) {
    return {};
  }
  const auto offset = offset_bits(units_);
  const auto place = place_of(key_in(memory_), domain, buckets_, offset);
  for (const auto bucket : place.buckets) __builtin_prefetch(bucket_at(memory_, bucket));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    bool torn = false;
    Candidates found(memory_, place, offset);
    for (std::uint64_t first; found.next(first);) {
      if (first >= units_) continue;
      std::size_t length = 0;
      const auto* block = memory_ + blocks_at(buckets_) + first * kUnit;
      prefetch_front(block);
      const auto copied = copy_block(block, (units_ - first) * kUnit, hosts, buffer, length);
      torn |= copied == Copy::torn;
      if (copied != Copy::done) continue;
      const auto view = FactsView::front(buffer.first(length));
      if (!view || view->domain() != domain) continue;
      return load_acquire(memory_ + Header::epoch * 8) == epoch ? Bytes(buffer.first(length)) : Bytes();
    }
    if (!torn) break;
  }
  return {};
}

}  // namespace postern::policy
