// `operator new` on a thread with an arena: from the arena, and from malloc (counted) where that is full. A
// program of its own, because the unit-test library brings operators of its own.
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "platform/base/arena.hpp"

namespace {

int failures = 0;

void check(bool holds, const char* claim) {
  if (holds) return;
  std::printf("FAILED: %s\n", claim);
  ++failures;
}

struct alignas(64) Line {
  char bytes[64];
};

}  // namespace

int main() {
  using postern::Arena;
  if (postern::kSanitizedHeap) {
    std::puts("skipped: sanitizer builds keep their own operators");
    return 0;
  }
  auto owner = std::move(*Arena::create({.bytes = 1u << 20}));
  auto outside = std::make_unique<std::string>(100, 'x');
  check(Arena::owner_of(outside.get()) == nullptr, "a thread without an arena allocates by malloc");
  Arena::enter_thread(owner.get());
  {
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i) texts.emplace_back(200, 'a');
    check(owner->owns(texts.data()) && owner->owns(texts[50].data()),
          "an entered thread allocates from its arena");
    auto line = std::make_unique<Line>();
    check(owner->owns(line.get()), "aligned objects come from the arena too");
    check(reinterpret_cast<std::uintptr_t>(line.get()) % 64 == 0, "and are aligned");
    outside.reset();
    auto big = std::make_unique<char[]>(2u << 20);
    check(big != nullptr && !owner->owns(big.get()), "a full arena falls back to malloc");
    check(postern::arena_new_fallbacks() == 1, "and the fallback is counted");
    std::thread elsewhere([moved = std::move(texts)] {});
    elsewhere.join();
  }
  delete new int(1);
  check(owner->used() == 0, "what another thread deleted has come back");
  Arena::enter_thread(nullptr);
  std::printf("%s\n", failures == 0 ? "all held" : "failed");
  return failures == 0 ? 0 : 1;
}
