// From message ids to slots: open addressing over one table taken at start, so that no lookup or insertion on
// a packet core takes memory. Twice as many places as messages keeps probes short.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace postern::spool {

class IdTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  explicit IdTable(std::size_t most) : places_(std::bit_ceil(most * 2 + 16)) {}

  std::uint32_t find(std::uint64_t id) const {
    for (auto at = home(id);; at = next(at)) {
      if (places_[at].slot == kNone) return kNone;
      if (places_[at].id == id) return places_[at].slot;
    }
  }

  void insert(std::uint64_t id, std::uint32_t slot) {
    auto at = home(id);
    while (places_[at].slot != kNone) at = next(at);
    places_[at] = {id, slot};
    ++size_;
    if (size_ * 2 > places_.size()) grow();
  }

  // Closes the hole by moving later entries of the same run back, so no tombstones gather.
  void erase(std::uint64_t id) {
    auto hole = home(id);
    while (places_[hole].id != id || places_[hole].slot == kNone) {
      if (places_[hole].slot == kNone) return;
      hole = next(hole);
    }
    for (auto at = next(hole); places_[at].slot != kNone; at = next(at)) {
      const auto wanted = home(places_[at].id);
      if (((at - wanted) & mask()) < ((at - hole) & mask())) continue;
      places_[hole] = places_[at];
      hole = at;
    }
    places_[hole].slot = kNone;
    --size_;
  }

  std::size_t size() const { return size_; }

 private:
  struct Place {
    std::uint64_t id = 0;
    std::uint32_t slot = kNone;
  };

  std::size_t mask() const { return places_.size() - 1; }
  std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
  std::size_t home(std::uint64_t id) const {
    return static_cast<std::size_t>((id * 0x9e3779b97f4a7c15) >> 20) & mask();
  }
  void grow() {
    auto old = std::move(places_);
    places_.assign(old.size() * 2, {});
    size_ = 0;
    for (const auto& place : old) {
      if (place.slot != kNone) insert(place.id, place.slot);
    }
  }

  std::vector<Place> places_;
  std::size_t size_ = 0;
};

}  // namespace postern::spool
