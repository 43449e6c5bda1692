// The arena's blocks: two-level segregated fit (Masmano, Ripoll, Crespo, Real 2004).
//
// Every block starts with a header of sixteen bytes: its payload size with two flag bits, and where the block
// before it starts. The last block is an empty live one, so joining never runs off the end.
#include "platform/base/arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace postern {

struct Arena::Block {
  static constexpr std::size_t kFree = 1;

  std::size_t tagged;  // payload bytes, a multiple of 16; bit 0: free
  Block* before;       // the block in front of this one in memory, or null
  Block* next;         // these two only while free: they lie in the payload
  Block* previous;

  std::size_t size() const { return tagged & ~std::size_t{15}; }
  bool free() const { return (tagged & kFree) != 0; }
  void set(std::size_t size, bool is_free) { tagged = size | (is_free ? kFree : 0); }
  std::uint8_t* payload() { return reinterpret_cast<std::uint8_t*>(this) + kHeader; }
  Block* after() { return reinterpret_cast<Block*>(payload() + size()); }
  static Block* of(const void* ptr) {
    return reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(ptr) - kHeader);
  }
  static constexpr std::size_t kHeader = 16;
};

namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kSmallest = 16;
constexpr std::size_t kLinear = 256;  // below: one class every 16 bytes
constexpr unsigned kLinearBits = 8;
constexpr std::size_t kMaxArenas = 128;

thread_local Arena* current_arena = nullptr;
std::array<std::atomic<Arena*>, kMaxArenas> all_arenas{};

struct ClassOf {
  unsigned first;
  unsigned second;
};

ClassOf class_of(std::size_t size) {
  if (size < kLinear) return {0, static_cast<unsigned>(size / 16)};
  const auto log = static_cast<unsigned>(std::bit_width(size)) - 1;
  return {log - kLinearBits + 1, static_cast<unsigned>(size >> (log - 4)) & 15u};
}

[[noreturn]] void misuse() {
  __builtin_trap();
}

bool enlist(Arena* arena) {
  for (auto& slot : all_arenas) {
    Arena* empty = nullptr;
    if (slot.compare_exchange_strong(empty, arena)) return true;
  }
  return false;
}

void strike_off(Arena* arena) {
  for (auto& slot : all_arenas) {
    Arena* expected = arena;
    if (slot.compare_exchange_strong(expected, nullptr)) return;
  }
}

}  // namespace

Arena::Arena(std::uintptr_t begin, std::uintptr_t end, std::size_t mapped)
    : begin_(begin), end_(end), mapped_(mapped) {
  auto* whole = reinterpret_cast<Block*>(begin);
  whole->before = nullptr;
  whole->set(end - begin - 2 * kHeaderBytes, true);
  auto* last = whole->after();
  last->before = whole;
  last->set(0, false);
  insert(whole);
}

Result<Arena::Owner, Fault> Arena::create(const Options& options) {
  constexpr std::size_t kPage = 4096;
  const auto control = (sizeof(Arena) + 63) & ~std::size_t{63};
  const auto bytes = (std::max<std::size_t>(options.bytes, 64 * 1024) + control + kPage - 1) & ~(kPage - 1);
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (options.prefault ? MAP_POPULATE : MAP_NORESERVE);
  void* mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (mapping == MAP_FAILED) {
    return fault("an arena of " + std::to_string(options.bytes >> 20) +
                 " MiB cannot be had: give the machine more memory or the core less");
  }
  // Keys live here: no core dump may hold them.
  madvise(mapping, bytes, MADV_DONTDUMP);
  const auto begin = reinterpret_cast<std::uintptr_t>(mapping);
  auto* arena = new (mapping) Arena(begin + control, begin + bytes, bytes);
  if (enlist(arena)) return Owner(arena);
  munmap(mapping, bytes);
  return fault("more than " + std::to_string(kMaxArenas) + " arenas");
}

void Arena::Retire::operator()(Arena* arena) const {
  if (current_arena == arena) current_arena = nullptr;
  arena->take_back();
  if (arena->used_ != 0) return;
  strike_off(arena);
  const auto mapped = arena->mapped_;
  arena->~Arena();
  munmap(static_cast<void*>(arena), mapped);
}

// The size whose class holds only blocks that are large enough.
std::size_t Arena::rounded(std::size_t size) {
  size = std::max(kSmallest, (size + 15) & ~std::size_t{15});
  if (size < kLinear) return size;
  const auto log = static_cast<unsigned>(std::bit_width(size)) - 1;
  const auto step = std::size_t{1} << (log - kSecondBits);
  return (size + step - 1) & ~(step - 1);
}

Arena::Block* Arena::find(std::size_t size) {
  auto [first, second] = class_of(size);
  if (first >= kFirst) return nullptr;
  auto seconds = second_map_[first] & (~std::uint32_t{0} << second);
  if (seconds == 0) {
    const auto firsts = first_map_ & (~std::uint64_t{0} << (first + 1));
    if (firsts == 0) return nullptr;
    first = static_cast<unsigned>(std::countr_zero(firsts));
    seconds = second_map_[first];
  }
  return lists_[first][static_cast<unsigned>(std::countr_zero(seconds))];
}

void Arena::insert(Block* block) {
  const auto [first, second] = class_of(block->size());
  auto*& head = lists_[first][second];
  block->next = head;
  block->previous = nullptr;
  if (head) head->previous = block;
  head = block;
  first_map_ |= std::uint64_t{1} << first;
  second_map_[first] |= std::uint32_t{1} << second;
}

void Arena::remove(Block* block) {
  const auto [first, second] = class_of(block->size());
  if (block->next) block->next->previous = block->previous;
  if (block->previous) {
    block->previous->next = block->next;
    return;
  }
  lists_[first][second] = block->next;
  if (block->next) return;
  second_map_[first] &= ~(std::uint32_t{1} << second);
  if (second_map_[first] == 0) first_map_ &= ~(std::uint64_t{1} << first);
}

// Cuts a live block down to `size` payload bytes where the rest is worth a block.
void Arena::split(Block* block, std::size_t size) {
  if (block->size() < size + kHeaderBytes + kSmallest) return;
  auto* follower = block->after();
  const auto rest = block->size() - size - kHeaderBytes;
  block->set(size, false);
  auto* cut = block->after();
  cut->before = block;
  cut->set(rest, true);
  follower->before = cut;
  insert(join_next(cut));
}

// Joins a free block, which is in no list, with the block behind it where that is free.
Arena::Block* Arena::join_next(Block* block) {
  auto* next = block->after();
  if (next->free()) {
    remove(next);
    block->set(block->size() + kHeaderBytes + next->size(), true);
    block->after()->before = block;
  }
  return block;
}

// The same with the block in front.
Arena::Block* Arena::join_before(Block* block) {
  auto* before = block->before;
  if (!before || !before->free()) return block;
  remove(before);
  before->set(before->size() + kHeaderBytes + block->size(), true);
  before->after()->before = before;
  return before;
}

void Arena::count(Block* block) {
  used_ += block->size() + kHeaderBytes;
  high_water_ = std::max(high_water_, used_);
}

void* Arena::allocate(std::size_t size) {
  if (remote_.load(std::memory_order_relaxed) != nullptr) take_back();
  const auto wanted = size <= kLargest ? rounded(size) : 0;
  auto* block = wanted != 0 ? find(wanted) : nullptr;
  if (!block) {
    ++exhausted_;
    return nullptr;
  }
  remove(block);
  block->set(block->size(), false);
  split(block, std::max(kSmallest, (size + 15) & ~std::size_t{15}));
  count(block);
  return block->payload();
}

void* Arena::allocate_aligned(std::size_t size, std::size_t alignment) {
  if (alignment <= kHeaderBytes) return allocate(size);
  auto* raw = size < kLargest ? allocate(size + alignment + 2 * kHeaderBytes) : nullptr;
  if (!raw) return nullptr;
  const auto at = reinterpret_cast<std::uintptr_t>(raw);
  auto aligned = (at + alignment - 1) & ~(alignment - 1);
  // What is cut off in front has to be a block of its own.
  while (aligned != at && aligned - at < kHeaderBytes + kSmallest) aligned += alignment;
  auto* block = Block::of(raw);
  used_ -= block->size() + kHeaderBytes;
  if (aligned != at) block = cut_front(block, aligned - at);
  split(block, std::max(kSmallest, (size + 15) & ~std::size_t{15}));
  count(block);
  return block->payload();
}

// Makes a live block's first `gap` bytes a free block; gives back the live rest.
Arena::Block* Arena::cut_front(Block* block, std::size_t gap) {
  const auto whole = block->size();
  auto* follower = block->after();
  auto* rest = reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(block) + gap);
  rest->before = block;
  rest->set(whole - gap, false);
  follower->before = rest;
  block->set(gap - kHeaderBytes, true);
  insert(join_before(block));
  return rest;
}

void Arena::release(Block* block) {
  if (block->free()) misuse();  // freed twice
  used_ -= block->size() + kHeaderBytes;
  block->set(block->size(), true);
  insert(join_next(join_before(block)));
}

void Arena::deallocate(void* ptr) {
  if (!ptr) return;
  if (!owns(ptr) || (reinterpret_cast<std::uintptr_t>(ptr) & 15) != 0) misuse();
  if (current_arena == this) return release(Block::of(ptr));
  void* head = remote_.load(std::memory_order_relaxed);
  do {
    std::memcpy(ptr, &head, sizeof head);
  } while (!remote_.compare_exchange_weak(head, ptr, std::memory_order_release, std::memory_order_relaxed));
}

void Arena::take_back() {
  void* freed = remote_.exchange(nullptr, std::memory_order_acquire);
  while (freed) {
    void* next;
    std::memcpy(&next, freed, sizeof next);
    release(Block::of(freed));
    ++taken_back_;
    freed = next;
  }
}

void* Arena::reallocate(void* ptr, std::size_t size) {
  if (!ptr) return allocate(size);
  const auto have = usable(ptr);
  if (size <= have && size * 2 >= have) return ptr;
  void* moved = allocate(size);
  if (!moved) return size <= have ? ptr : nullptr;
  std::memcpy(moved, ptr, std::min(have, size));
  deallocate(ptr);
  return moved;
}

std::size_t Arena::usable(const void* ptr) const {
  return Block::of(ptr)->size();
}

Arena* Arena::current() {
  return current_arena;
}
void Arena::enter_thread(Arena* arena) {
  current_arena = arena;
}

Arena* Arena::owner_of(const void* ptr) {
  if (current_arena && current_arena->owns(ptr)) return current_arena;
  for (auto& slot : all_arenas) {
    auto* arena = slot.load(std::memory_order_acquire);
    if (arena && arena->owns(ptr)) return arena;
  }
  return nullptr;
}

void* heap_allocate(std::size_t size) {
  return !kSanitizedHeap && current_arena ? current_arena->allocate(size) : std::malloc(size);
}

void heap_release(void* ptr) {
  if (!ptr) return;
  if (auto* arena = Arena::owner_of(ptr)) return arena->deallocate(ptr);
  std::free(ptr);
}

void* heap_resize(void* ptr, std::size_t size) {
  if (!ptr) return heap_allocate(size);
  auto* arena = Arena::owner_of(ptr);
  if (!arena) return std::realloc(ptr, size);
  if (arena == current_arena) return arena->reallocate(ptr, size);
  const auto have = arena->usable(ptr);
  if (size <= have) return ptr;
  void* moved = heap_allocate(size);
  if (!moved) return nullptr;
  std::memcpy(moved, ptr, have);
  arena->deallocate(ptr);
  return moved;
}

}  // namespace postern
