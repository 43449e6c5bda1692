// See table.hpp: the writing side.
//
// An entry is written into a block that no slot names; then the slot is turned over to it in one store; then
// the old block is free. A reader that still copies the old one finds its version changed once it is reused.
#include <algorithm>
#include <memory>
#include <optional>

#include "firmware/policy/table/blocks.hpp"
#include "firmware/policy/table/layout.hpp"
#include "firmware/policy/table/table.hpp"

namespace postern::policy {

using namespace table;

struct TableWriter::State {
  State(std::uint8_t* at, std::uint64_t bucket_count, std::uint64_t unit_count)
      : memory(at), buckets(bucket_count), offset(offset_bits(unit_count)), blocks(unit_count) {}

  std::uint8_t* memory;
  std::uint64_t buckets;
  unsigned offset;  // bits of a slot that say where the block is
  Blocks blocks;
  SipKey key{};
  std::uint64_t next_version = 0;  // even
  std::uint64_t hand = 0;          // the sweep's place, in slots
  TableCounters counters;

  std::uint8_t* slot(std::uint64_t index) const { return memory + kHeaderBytes + index * sizeof(Slot); }
  std::uint8_t* block(std::uint64_t first) const { return memory + blocks_at(buckets) + first * kUnit; }
  std::uint64_t first_at(std::uint64_t index) const {
    return load_slot(slot(index)) & ((Slot{1} << offset) - 1);
  }
  Place place(std::string_view domain) const { return place_of(key, domain, buckets, offset); }

  std::int64_t expiry(std::uint64_t index) const;
  bool holds(std::uint64_t index, Slot tag, std::string_view domain) const;
  std::optional<std::uint64_t> find(const Place& place, std::string_view domain) const;
  std::uint64_t slot_for(const Place& place);
  std::optional<std::uint64_t> room_for(std::uint64_t units);
  void write(std::uint64_t first, Bytes entry);
  void clear(std::uint64_t index);
  void empty(const std::array<std::uint8_t, 24>& seed, std::uint64_t unit_count);
  void count() { counters.table_units = blocks.in_use(); }
};

namespace {

constexpr std::uint64_t kMostSwept = 4096;  // slots looked at for one entry's room

std::uint64_t bucket_count(std::uint64_t domains) {
  return (domains + domains / 4) / kSlots + 2;
}

std::uint64_t unit_count(const TableSize& size) {
  return size.domains * ((size.entry_bytes + kBlockHead + kUnit - 1) / kUnit) + 512;
}

}  // namespace

std::size_t table_bytes(const TableSize& size) {
  return blocks_at(bucket_count(size.domains)) + unit_count(size) * kUnit;
}

Result<TableWriter> TableWriter::over(MutableBytes memory, const TableSize& size,
                                      const std::array<std::uint8_t, 24>& seed) {
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % kLine != 0)
    return fail("the table's memory is not aligned");
  if (unit_count(size) > kMostUnits) return fail("the table is larger than its slots can say");
  if (memory.size() < table_bytes(size)) return fail("the table's memory is too small");
  auto state = std::make_unique<State>(memory.data(), bucket_count(size.domains), unit_count(size));
  state->empty(seed, unit_count(size));
  return TableWriter(std::move(state));
}

TableWriter::TableWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TableWriter::~TableWriter() = default;
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter& TableWriter::operator=(TableWriter&&) noexcept = default;

// Readers see an odd epoch, or the buckets of before with another seed, and find nothing.
void TableWriter::State::empty(const std::array<std::uint8_t, 24>& seed, std::uint64_t unit_count) {
  std::memcpy(key.data(), seed.data(), key.size());
  std::memcpy(&next_version, seed.data() + key.size(), sizeof next_version);
  next_version &= ~std::uint64_t{1};
  const auto word = [&](std::size_t index) { return memory + index * 8; };
  const auto epoch = load(word(Header::epoch)) | 1;
  __atomic_store_n(reinterpret_cast<std::uint64_t*>(word(Header::epoch)), epoch, __ATOMIC_SEQ_CST);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  for (std::uint64_t i = 0; i < buckets * kSlots; ++i) store_slot(slot(i), 0);
  for (std::size_t i = 0; i < 2; ++i) {
    std::uint64_t half;
    std::memcpy(&half, key.data() + i * 8, 8);
    store(word(Header::seed + i), half);
  }
  store(word(Header::magic), kMagic);
  store(word(Header::buckets), buckets);
  store(word(Header::units), unit_count);
  store_release(word(Header::epoch), epoch + 1);
}

std::int64_t TableWriter::State::expiry(std::uint64_t index) const {
  const auto* at = block(first_at(index));
  const auto view = FactsView::over({at + kBlockHead, load(at + 8)});
  return view ? view->head().expires : 0;
}

bool TableWriter::State::holds(std::uint64_t index, Slot tag, std::string_view domain) const {
  const auto word = load_slot(slot(index));
  if (word == 0 || (word ^ tag) >> offset != 0) return false;
  const auto* at = block(first_at(index));
  const auto view = FactsView::over({at + kBlockHead, load(at + 8)});
  return view && view->domain() == domain;
}

std::optional<std::uint64_t> TableWriter::State::find(const Place& place, std::string_view domain) const {
  for (const auto bucket : place.buckets) {
    for (std::uint64_t i = bucket * kSlots; i < (bucket + 1) * kSlots; ++i) {
      if (holds(i, place.tag, domain)) return i;
    }
  }
  return std::nullopt;
}

// A free slot of the emptier bucket; where both are full, that of the entry that expires first.
std::uint64_t TableWriter::State::slot_for(const Place& place) {
  std::array<std::uint64_t, 2> free{};
  std::array<std::uint64_t, 2> count{};
  for (std::size_t b = 0; b < 2; ++b) {
    for (std::uint64_t i = place.buckets[b] * kSlots; i < (place.buckets[b] + 1) * kSlots; ++i) {
      if (load_slot(slot(i)) != 0) continue;
      free[b] = i;
      ++count[b];
    }
  }
  if (count[0] + count[1] > 0) return count[0] >= count[1] ? free[0] : free[1];
  std::uint64_t oldest = place.buckets[0] * kSlots;
  for (const auto bucket : place.buckets) {
    for (std::uint64_t i = bucket * kSlots; i < (bucket + 1) * kSlots; ++i) {
      if (expiry(i) < expiry(oldest)) oldest = i;
    }
  }
  clear(oldest);
  ++counters.table_evicted;
  return oldest;
}

// Where memory is used up, entries make room in the order of their slots, which is no order at all.
std::optional<std::uint64_t> TableWriter::State::room_for(std::uint64_t units) {
  auto first = blocks.take(units);
  for (std::uint64_t swept = 0; !first && swept < kMostSwept; ++swept) {
    hand = (hand + 1) % (buckets * kSlots);
    const auto candidate = first_at(hand);
    if (candidate == 0 || blocks.size_of(candidate) < units) continue;
    clear(hand);
    ++counters.table_evicted;
    first = blocks.take(units);
  }
  return first;
}

void TableWriter::State::write(std::uint64_t first, Bytes entry) {
  auto* at = block(first);
  next_version += 2;
  store(at, next_version | 1);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  store(at + 8, entry.size());
  for (std::size_t done = 0; done < entry.size(); done += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, entry.data() + done, std::min<std::size_t>(8, entry.size() - done));
    store(at + kBlockHead + done, word);
  }
  store_release(at, next_version + 2);
  next_version += 2;
}

void TableWriter::State::clear(std::uint64_t index) {
  const auto first = first_at(index);
  store_slot(slot(index), 0);
  blocks.give_back(first);
  --counters.table_entries;
}

bool TableWriter::publish(const Facts& facts) {
  return publish(encode(facts));
}

bool TableWriter::publish(Bytes encoded) {
  auto& state = *state_;
  const auto view = FactsView::over(encoded);
  if (!view || view->domain().empty() || encoded.size() > kMostEncoded) {
    ++state.counters.table_no_room;
    return false;
  }
  const auto first = state.room_for((encoded.size() + kBlockHead + kUnit - 1) / kUnit);
  if (!first) {
    ++state.counters.table_no_room;
    return false;
  }
  const auto place = state.place(view->domain());
  state.write(*first, encoded);
  const auto old = state.find(place, view->domain());
  const auto index = old ? *old : state.slot_for(place);
  const auto old_first = old ? state.first_at(index) : 0;
  store_slot(state.slot(index), place.tag | static_cast<Slot>(*first));
  if (old) {
    state.blocks.give_back(old_first);
  } else {
    ++state.counters.table_entries;
  }
  ++state.counters.table_published;
  state.count();
  return true;
}

void TableWriter::remove(std::string_view domain) {
  const auto index = state_->find(state_->place(domain), domain);
  if (!index) return;
  state_->clear(*index);
  ++state_->counters.table_removed;
  state_->count();
}

const TableCounters& TableWriter::counters() const {
  return state_->counters;
}

}  // namespace postern::policy
