// Replaces the global `operator new` and `operator delete`: on a thread that has entered an arena, memory
// comes from it; on others from malloc. Only programs with packet cores link this (arena_new_dep). Where the
// arena is full, malloc serves and the fallback is counted, so that nothing crashes. Sanitizer builds keep
// their own operators.
#include <atomic>
#include <cstdlib>
#include <new>

#include "platform/base/arena.hpp"

namespace {
std::atomic<std::uint64_t> fallbacks{0};
}

namespace postern {
std::uint64_t arena_new_fallbacks() {
  return fallbacks.load(std::memory_order_relaxed);
}
}  // namespace postern

#ifndef POSTERN_SANITIZED_HEAP

namespace {

void* take(std::size_t size) noexcept {
  if (auto* arena = postern::Arena::current()) {
    if (void* ptr = arena->allocate(size)) return ptr;
    fallbacks.fetch_add(1, std::memory_order_relaxed);
  }
  return std::malloc(size != 0 ? size : 1);
}

void* take_or_stop(std::size_t size) {
  void* ptr = take(size);
  if (!ptr) std::abort();  // no memory anywhere; the data plane does not throw
  return ptr;
}

void* take_aligned(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  if (auto* arena = postern::Arena::current()) {
    if (void* ptr = arena->allocate_aligned(size, align)) return ptr;
    fallbacks.fetch_add(1, std::memory_order_relaxed);
  }
  void* ptr = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (!ptr) std::abort();
  return ptr;
}

}  // namespace

void* operator new(std::size_t size) {
  return take_or_stop(size);
}
void* operator new[](std::size_t size) {
  return take_or_stop(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void* operator new(std::size_t size, std::align_val_t align) {
  return take_aligned(size, align);
}
void* operator new[](std::size_t size, std::align_val_t align) {
  return take_aligned(size, align);
}

void operator delete(void* ptr) noexcept {
  postern::heap_release(ptr);
}
void operator delete[](void* ptr) noexcept {
  postern::heap_release(ptr);
}
void operator delete(void* ptr, std::size_t) noexcept {
  postern::heap_release(ptr);
}
void operator delete[](void* ptr, std::size_t) noexcept {
  postern::heap_release(ptr);
}
void operator delete(void* ptr, const std::nothrow_t&) noexcept {
  postern::heap_release(ptr);
}
void operator delete[](void* ptr, const std::nothrow_t&) noexcept {
  postern::heap_release(ptr);
}
void operator delete(void* ptr, std::align_val_t) noexcept {
  postern::heap_release(ptr);
}
void operator delete[](void* ptr, std::align_val_t) noexcept {
  postern::heap_release(ptr);
}
void operator delete(void* ptr, std::size_t, std::align_val_t) noexcept {
  postern::heap_release(ptr);
}
void operator delete[](void* ptr, std::size_t, std::align_val_t) noexcept {
  postern::heap_release(ptr);
}

#endif
