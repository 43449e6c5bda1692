// The arena: what it gives is disjoint and aligned, what comes back serves again, misuse stops the process.
#include "platform/base/arena.hpp"

#include <CppUTest/TestHarness.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

using postern::Arena;

namespace {

constexpr std::size_t kHeader = 16;

Arena::Owner make(std::size_t bytes) {
  auto arena = Arena::create({.bytes = bytes});
  CHECK_TRUE(arena.has_value());
  return std::move(*arena);
}

// True where `body` ended in a trap instead of returning.
template <typename Body>
bool stops(Body body) {
  const auto child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

}  // namespace

TEST_GROUP(Arena) {
  Arena::Owner owner = make(8u << 20);
  Arena& arena = *owner;
  void setup() override {
    Arena::enter_thread(&arena);
  }
  void teardown() override {
    Arena::enter_thread(nullptr);
  }
};

TEST(Arena, blocks_are_aligned_writable_and_do_not_overlap) {
  std::mt19937 random(7);
  struct Piece {
    std::uint8_t* at;
    std::size_t size;
    std::uint8_t mark;
  };
  std::vector<Piece> live;
  for (int step = 0; step < 200000; ++step) {
    if (live.size() < 200 && random() % 5 < 3) {
      const std::size_t size = random() % 50 == 0 ? random() % 200000 : random() % 2000;
      const auto align = std::size_t{16} << (random() % 8 == 0 ? random() % 6 : 0);
      auto* at = static_cast<std::uint8_t*>(arena.allocate_aligned(size, align));
      if (!at) continue;
      CHECK_EQUAL(0, reinterpret_cast<std::uintptr_t>(at) % align);
      const auto mark = static_cast<std::uint8_t>(random());
      std::memset(at, mark, size);
      live.push_back({at, size, mark});
    } else if (!live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      auto& piece = live.back();
      if (random() % 4 == 0) {
        const std::size_t size = random() % 5000;
        auto* moved = static_cast<std::uint8_t*>(arena.reallocate(piece.at, size));
        if (moved) piece = {moved, std::min(size, piece.size), piece.mark};
      }
      for (std::size_t i = 0; i < piece.size; ++i) {
        if (piece.at[i] != piece.mark) FAIL("a block was overwritten by another");
      }
      arena.deallocate(piece.at);
      live.pop_back();
    }
  }
  for (auto& piece : live) arena.deallocate(piece.at);
  CHECK_EQUAL(0, arena.used());
}

TEST(Arena, everything_given_back_is_one_whole_again) {
  std::vector<void*> pieces;
  while (void* piece = arena.allocate(1000)) pieces.push_back(piece);
  CHECK_TRUE(pieces.size() > 8000);
  POINTERS_EQUAL(nullptr, arena.allocate(4u << 20));
  for (std::size_t i = 0; i < pieces.size(); i += 2) arena.deallocate(pieces[i]);
  for (std::size_t i = 1; i < pieces.size(); i += 2) arena.deallocate(pieces[i]);
  CHECK_EQUAL(0, arena.used());
  CHECK_TRUE(arena.allocate(7u << 20) != nullptr);
}

TEST(Arena, a_full_arena_refuses_and_counts_it) {
  POINTERS_EQUAL(nullptr, arena.allocate(9u << 20));
  POINTERS_EQUAL(nullptr, arena.allocate(~std::size_t{0} - 8));
  CHECK_EQUAL(2, arena.exhausted());
}

TEST(Arena, used_and_high_water_follow_the_live_blocks) {
  void* a = arena.allocate(100);
  CHECK_EQUAL(112 + kHeader, arena.used());
  void* b = arena.allocate(1);
  CHECK_EQUAL(112 + 16 + 2 * kHeader, arena.used());
  arena.deallocate(a);
  arena.deallocate(b);
  CHECK_EQUAL(0, arena.used());
  CHECK_EQUAL(112 + 16 + 2 * kHeader, arena.high_water());
}

TEST(Arena, reallocate_keeps_the_contents) {
  auto* text = static_cast<char*>(arena.allocate(16));
  std::strcpy(text, "fifteen letters");
  auto* moved = static_cast<char*>(arena.reallocate(text, 100000));
  STRCMP_EQUAL("fifteen letters", moved);
  moved = static_cast<char*>(arena.reallocate(moved, 16));
  STRCMP_EQUAL("fifteen letters", moved);
  CHECK_EQUAL(16 + kHeader, arena.used());
}

TEST(Arena, a_block_freed_by_another_thread_comes_back_at_the_next_allocation) {
  std::vector<void*> pieces;
  for (int i = 0; i < 1000; ++i) pieces.push_back(arena.allocate(500));
  const auto used = arena.used();
  std::thread one([&] {
    for (int i = 0; i < 500; ++i) postern::heap_release(pieces[i]);
  });
  std::thread two([&] {
    for (int i = 500; i < 1000; ++i) postern::heap_release(pieces[i]);
  });
  one.join();
  two.join();
  CHECK_EQUAL(used, arena.used());
  void* last = arena.allocate(1);
  CHECK_EQUAL(1000, arena.taken_back());
  CHECK_EQUAL(16 + kHeader, arena.used());
  arena.deallocate(last);
}

TEST(Arena, a_thread_that_has_entered_none_gets_malloc) {
  Arena::enter_thread(nullptr);
  void* ptr = postern::heap_allocate(64);
  POINTERS_EQUAL(nullptr, Arena::owner_of(ptr));
  ptr = postern::heap_resize(ptr, 128);
  postern::heap_release(ptr);
}

TEST(Arena, a_block_remembers_its_arena_when_the_thread_has_moved_on) {
  auto other = make(1u << 20);
  void* ptr = arena.allocate(64);
  std::memset(ptr, 7, 64);
  Arena::enter_thread(other.get());
  auto* moved = static_cast<std::uint8_t*>(postern::heap_resize(ptr, 4096));
  CHECK_EQUAL(7, moved[63]);
  postern::heap_release(moved);
  CHECK_EQUAL(0, other->used());
  Arena::enter_thread(&arena);
  arena.deallocate(arena.allocate(1));
  CHECK_EQUAL(0, arena.used());
}

TEST(Arena, freeing_twice_stops_the_process) {
  void* ptr = arena.allocate(64);
  CHECK_FALSE(stops([&] { arena.deallocate(ptr); }));
  CHECK_TRUE(stops([&] {
    arena.deallocate(ptr);
    arena.deallocate(ptr);
  }));
}

TEST(Arena, freeing_a_foreign_pointer_stops_the_process) {
  alignas(16) std::uint8_t foreign[64];
  CHECK_TRUE(stops([&] { arena.deallocate(foreign + 16); }));
}

TEST(Arena, one_that_still_has_live_blocks_stays_mapped) {
  auto other = make(1u << 20);
  Arena::enter_thread(other.get());
  auto* text = static_cast<char*>(other->allocate(16));
  other.reset();
  std::strcpy(text, "still here");
  STRCMP_EQUAL("still here", text);
  postern::heap_release(text);
}
