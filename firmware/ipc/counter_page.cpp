// The page of counters: see the header.
#include "firmware/ipc/counter_page.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace postern::ipc {

namespace {

constexpr std::uint64_t kMagic = 0x31434e5453504f50;
constexpr std::size_t kMostEntries = 4096;
constexpr std::size_t kMostNames = 1024;   // counters of one room
constexpr std::size_t kRoomBytes = 16384;  // values and texts of a large room

struct Entry {
  char room[32];
  std::uint32_t shard;
  std::uint32_t count;
  std::uint32_t text_offset;  // "name\tmeaning\n" for each counter
  std::uint32_t text_length;
  std::uint64_t values_offset;
};

struct Head {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t capacity;              // entries the directory has room for
  std::atomic<std::uint32_t> entries;  // raised after an entry is complete
  std::uint32_t zero;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

Entry* directory(MutableBytes memory) {
  return reinterpret_cast<Entry*>(memory.data() + sizeof(Head));
}

bool inside(std::uint64_t offset, std::uint64_t length, std::size_t size) {
  return offset <= size && length <= size - offset;
}

std::uint64_t load(Bytes page, std::uint64_t offset) {
  auto* at = reinterpret_cast<std::uint64_t*>(const_cast<std::uint8_t*>(page.data() + offset));
  return __atomic_load_n(at, __ATOMIC_RELAXED);
}

CounterRoom read_entry(Bytes page, const Entry& entry) {
  CounterRoom room{std::string(entry.room, ::strnlen(entry.room, sizeof entry.room)), entry.shard, {}};
  auto text = as_text(page.subspan(entry.text_offset, entry.text_length));
  for (std::uint32_t i = 0; i < entry.count && !text.empty(); ++i) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto tab = std::min(line.find('\t'), line.size());
    room.values.push_back({line.substr(0, tab), line.substr(std::min(tab + 1, line.size())),
                           load(page, entry.values_offset + i * sizeof(std::uint64_t))});
  }
  return room;
}

bool sound(Bytes page, const Entry& entry) {
  return entry.count <= kMostNames && entry.values_offset % sizeof(std::uint64_t) == 0 &&
         inside(entry.text_offset, entry.text_length, page.size()) &&
         inside(entry.values_offset, entry.count * sizeof(std::uint64_t), page.size());
}

}  // namespace

std::size_t CounterPage::size_for(std::uint32_t shards) {
  return (std::size_t{256} + shards * std::size_t{16}) * kRoomBytes / 4;
}

CounterPage::CounterPage(MutableBytes memory) : memory_(memory), used_(0) {
  if (memory.size() < sizeof(Head) + sizeof(Entry)) {
    memory_ = {};
    return;
  }
  const auto capacity = std::min(kMostEntries, (memory.size() - sizeof(Head)) / 4 / sizeof(Entry));
  used_ = sizeof(Head) + capacity * sizeof(Entry);
  auto* head = new (memory.data()) Head{};
  head->version = kCounterPageVersion;
  head->capacity = static_cast<std::uint32_t>(capacity);
  head->magic = kMagic;
}

std::uint8_t* CounterPage::take(std::size_t size) {
  const auto start = (used_ + kLine - 1) / kLine * kLine;
  if (!inside(start, size, memory_.size())) return nullptr;
  used_ = start + size;
  return memory_.data() + start;
}

std::uint32_t CounterPage::place_text(std::span<const CounterName> names, std::uint32_t& length) {
  std::string text;
  for (const auto& name : names) (((text += name.name) += '\t') += name.meaning) += '\n';
  length = static_cast<std::uint32_t>(text.size());
  auto* at = take(text.size());
  if (at == nullptr) return 0;
  std::memcpy(at, text.data(), text.size());
  return static_cast<std::uint32_t>(at - memory_.data());
}

std::uint8_t* CounterPage::place_values(std::string_view room, std::uint32_t shard,
                                        std::span<const CounterName> names) {
  const auto size = std::max<std::size_t>(names.size() * sizeof(Counter), 1);
  if (!memory_.empty()) {
    auto* head = reinterpret_cast<Head*>(memory_.data());
    const auto index = head->entries.load(std::memory_order_relaxed);
    Entry entry{};
    std::memcpy(entry.room, room.data(), std::min(room.size(), sizeof entry.room - 1));
    entry.shard = shard;
    entry.count = static_cast<std::uint32_t>(names.size());
    entry.text_offset = index < head->capacity ? place_text(names, entry.text_length) : 0;
    auto* values = entry.text_offset != 0 ? take(size) : nullptr;
    if (values != nullptr) {
      entry.values_offset = static_cast<std::uint64_t>(values - memory_.data());
      directory(memory_)[index] = entry;
      head->entries.store(index + 1, std::memory_order_release);
      return values;
    }
  }
  private_.push_back(std::make_unique<Line[]>((size + kLine - 1) / kLine));
  return private_.back()[0].bytes;
}

std::vector<CounterRoom> read_counters(Bytes page) {
  std::vector<CounterRoom> rooms;
  if (page.size() < sizeof(Head)) return rooms;
  const auto* head = reinterpret_cast<const Head*>(page.data());
  if (head->magic != kMagic || head->version != kCounterPageVersion) return rooms;
  const std::size_t most = std::min<std::size_t>(kMostEntries, (page.size() - sizeof(Head)) / sizeof(Entry));
  const std::size_t count = std::min<std::size_t>(head->entries.load(std::memory_order_acquire), most);
  for (std::size_t i = 0; i < count; ++i) {
    Entry entry;
    std::memcpy(&entry, page.data() + sizeof(Head) + i * sizeof(Entry), sizeof entry);
    if (sound(page, entry)) rooms.push_back(read_entry(page, entry));
  }
  return rooms;
}

}  // namespace postern::ipc
