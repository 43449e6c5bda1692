// See table.hpp: the reading side. Nothing that stands in the memory is trusted: every offset and length is
// checked against the span before it is followed.
#include <algorithm>
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
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % kUnit != 0 || memory.size() < kHeaderBytes) {
    return fail("this is no policy table");
  }
  if (word(memory.data(), Header::magic) != kMagic) return fail("this is no policy table");
  TableReader reader;
  reader.memory_ = memory.data();
  reader.buckets_ = word(memory.data(), Header::buckets);
  reader.units_ = word(memory.data(), Header::units);
  const bool plausible = std::has_single_bit(reader.buckets_) && reader.buckets_ <= memory.size() / kUnit &&
                         reader.units_ <= memory.size() / kUnit &&
                         blocks_at(reader.buckets_) + reader.units_ * kUnit <= memory.size();
  if (!plausible) return fail("the policy table does not fit its memory");
  return reader;
}

void TableReader::prefetch(std::string_view domain) const {
  const auto place = place_of(key_in(memory_), domain, buckets_);
  for (const auto bucket : place.buckets) __builtin_prefetch(memory_ + kHeaderBytes + bucket * kSlots * 8);
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
  const auto place = place_of(key_in(memory_), domain, buckets_);
  for (const auto bucket : place.buckets) __builtin_prefetch(memory_ + kHeaderBytes + bucket * kSlots * 8);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    bool torn = false;
    for (const auto bucket : place.buckets) {
      for (std::size_t i = 0; i < kSlots; ++i) {
        const auto slot = load_acquire(memory_ + kHeaderBytes + (bucket * kSlots + i) * 8);
        if (slot == 0 || slot >> kOffsetBits != place.tag) continue;
        const auto first = slot & kOffsetMask;
        if (first >= units_) continue;
        std::size_t length = 0;
        const auto* block = memory_ + blocks_at(buckets_) + first * kUnit;
        for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(block + line * kUnit);
        const auto copied = copy_block(block, (units_ - first) * kUnit, hosts, buffer, length);
        torn |= copied == Copy::torn;
        if (copied != Copy::done) continue;
        const auto view = FactsView::front(buffer.first(length));
        if (!view || view->domain() != domain) continue;
        return load_acquire(memory_ + Header::epoch * 8) == epoch ? Bytes(buffer.first(length)) : Bytes();
      }
    }
    if (!torn) break;
  }
  return {};
}

}  // namespace postern::policy
