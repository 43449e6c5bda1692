// A fixed number of records of one type in one piece of memory, each with a generation that tells a record
// from the ones that lived in its place before. Pages are first touched when a record is first used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace postern::tcp {

template <typename T>
class Slab {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  explicit Slab(std::uint32_t capacity)
      : capacity_(capacity),
        places_(static_cast<Place*>(operator new (sizeof(Place) * std::size_t{capacity}, kAlignment))),
        notes_(std::make_unique_for_overwrite<Note[]>(capacity)) {}
  ~Slab() {
    for (std::uint32_t slot = 0; slot < fresh_; ++slot) {
      if (notes_[slot].live) at(slot).~T();
    }
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // The slot of a new record, kNone where all are in use.
  std::uint32_t take() {
    std::uint32_t slot = free_head_;
    if (slot != kNone) {
      free_head_ = notes_[slot].next_free;
    } else if (fresh_ < capacity_) {
      slot = fresh_++;
      notes_[slot].generation = 0;
    } else {
      return kNone;
    }
    notes_[slot].live = true;
    ++notes_[slot].generation;
    ++used_;
    new (&places_.get()[slot]) T();
    return slot;
  }
  void give(std::uint32_t slot) {
    at(slot).~T();
    notes_[slot].live = false;
    notes_[slot].next_free = free_head_;
    free_head_ = slot;
    --used_;
  }

  T& at(std::uint32_t slot) { return *std::launder(reinterpret_cast<T*>(&places_.get()[slot])); }
  const T& at(std::uint32_t slot) const {
    return *std::launder(reinterpret_cast<const T*>(&places_.get()[slot]));
  }
  std::uint32_t slot_of(const T& record) const {
    return static_cast<std::uint32_t>(reinterpret_cast<const Place*>(&record) - places_.get());
  }
  std::uint32_t generation(std::uint32_t slot) const { return notes_[slot].generation; }
  bool live(std::uint32_t slot) const { return slot < fresh_ && notes_[slot].live; }
  std::uint32_t used() const { return used_; }
  std::uint32_t capacity() const { return capacity_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct alignas(T) Place {
    std::byte bytes[sizeof(T)];
  };
  struct Note {
    std::uint32_t generation;
    std::uint32_t next_free;
    bool live;
  };
  struct Release {
    void operator()(Place* places) const { operator delete(places, kAlignment); }
  };

  std::uint32_t capacity_;
  std::uint32_t used_ = 0;
  std::uint32_t fresh_ = 0;  // slots from here on were never used
  std::uint32_t free_head_ = kNone;
  std::unique_ptr<Place[], Release> places_;
  std::unique_ptr<Note[]> notes_;
};

}  // namespace postern::tcp
