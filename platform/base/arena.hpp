// A core's own heap: one mapping made at start, no system call and no lock after that.
//
// Two-level segregated fit: free blocks are kept in lists by size, sixteen classes to each power of two, and
// neighbours are joined when they become free, so every operation is a bounded number of steps and memory
// that one kind of object has given back serves any other. One thread allocates (the one that entered the
// arena, or the one that built it before that). Any thread may free: a block freed elsewhere goes onto a
// lock-free list and is taken back at the owner's next allocation.
//
// A block that is freed twice, or that no arena owns, stops the process: going on would corrupt mail.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "platform/base/result.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define POSTERN_SANITIZED_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define POSTERN_SANITIZED_HEAP 1
#endif
#endif

namespace postern {

// Sanitizer builds leave `operator new` and `heap_allocate` to the sanitizer's own heap, which sees more.
#ifdef POSTERN_SANITIZED_HEAP
inline constexpr bool kSanitizedHeap = true;
#else
inline constexpr bool kSanitizedHeap = false;
#endif

class Arena {
 public:
  struct Options {
    std::size_t bytes = 64u << 20;
    bool prefault = false;  // touch every page now, so that no page fault happens later
  };
  struct Retire {
    void operator()(Arena* arena) const;
  };
  using Owner = std::unique_ptr<Arena, Retire>;

  // An arena that still has live blocks when its owner lets it go stays mapped: whoever holds them may still
  // read and free them.
  static Result<Owner, Fault> create(const Options& options);

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Null where the arena is full. Sixteen-byte aligned.
  void* allocate(std::size_t size);
  // `alignment` is a power of two.
  void* allocate_aligned(std::size_t size, std::size_t alignment);
  // Null and `ptr` untouched where the arena is full.
  void* reallocate(void* ptr, std::size_t size);
  void deallocate(void* ptr);

  bool owns(const void* ptr) const {
    const auto at = reinterpret_cast<std::uintptr_t>(ptr);
    return at >= begin_ && at < end_;
  }
  std::size_t usable(const void* ptr) const;

  // Bytes in live blocks, headers included; blocks other threads have freed count until they are taken back.
  std::size_t used() const { return used_; }
  std::size_t high_water() const { return high_water_; }
  std::size_t capacity() const { return end_ - begin_; }
  std::uint64_t exhausted() const { return exhausted_; }    // allocations refused
  std::uint64_t taken_back() const { return taken_back_; }  // blocks freed by other threads

  // The calling thread's arena, or null.
  static Arena* current();
  // Makes this the calling thread's arena until the thread ends or enters another; null leaves.
  static void enter_thread(Arena* arena);
  // The arena that owns `ptr`, of all there are, or null.
  static Arena* owner_of(const void* ptr);

  static constexpr std::size_t kLargest = std::size_t{1} << 40;

 private:
  struct Block;
  static constexpr unsigned kSecondBits = 4;
  static constexpr unsigned kSecond = 1u << kSecondBits;
  static constexpr unsigned kFirst = 34;

  Arena(std::uintptr_t begin, std::uintptr_t end, std::size_t mapped);
  ~Arena() = default;
  static std::size_t rounded(std::size_t size);
  Block* find(std::size_t size);
  void insert(Block* block);
  void remove(Block* block);
  void split(Block* block, std::size_t size);
  Block* join_next(Block* block);
  Block* join_before(Block* block);
  Block* cut_front(Block* block, std::size_t gap);
  void release(Block* block);
  void take_back();
  void count(Block* block);

  std::uintptr_t begin_;
  std::uintptr_t end_;
  std::size_t mapped_;
  std::size_t used_ = 0;
  std::size_t high_water_ = 0;
  std::uint64_t exhausted_ = 0;
  std::uint64_t taken_back_ = 0;
  std::uint64_t first_map_ = 0;
  std::array<std::uint32_t, kFirst> second_map_{};
  std::array<std::array<Block*, kSecond>, kFirst> lists_{};
  alignas(64) std::atomic<void*> remote_{nullptr};
};

// Memory from the calling thread's arena, or from malloc where it has none. `heap_release` and `heap_resize`
// recognise whose the block is. Null where the arena is full. Sanitizer builds: always malloc.
void* heap_allocate(std::size_t size);
void heap_release(void* ptr);
void* heap_resize(void* ptr, std::size_t size);

// Enters an arena for a scope, for building what will live in it.
class ArenaScope {
 public:
  explicit ArenaScope(Arena* arena) : before_(Arena::current()) { Arena::enter_thread(arena); }
  ~ArenaScope() { Arena::enter_thread(before_); }
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;

 private:
  Arena* before_;
};

// How often `operator new` (arena_new.cpp) found its arena full and went to malloc instead; all threads
// together.
std::uint64_t arena_new_fallbacks();

}  // namespace postern
