// Which units of the table's memory are free: the writer's own knowledge, not in shared memory.
//
// Blocks come in a fixed row of sizes. A block keeps its size for the writer's life, so that a reader never
// finds the middle of one block where another began.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace postern::policy::table {

class Blocks {
 public:
  explicit Blocks(std::uint64_t units) : units_(units) {}

  // The first unit of a block of at least that many; nothing where there is none, in this size or a greater.
  std::optional<std::uint64_t> take(std::uint64_t units);
  void give_back(std::uint64_t first);
  std::uint64_t in_use() const { return in_use_; }
  // How many units the block at `first` has.
  std::uint64_t size_of(std::uint64_t first) const;

 private:
  static constexpr std::array<std::uint16_t, 18> kSizes{1,  2,  3,  4,  5,  6,  7,  8,  10,
                                                        12, 14, 16, 20, 24, 32, 40, 48, 65};
  static std::size_t class_for(std::uint64_t units);

  std::uint64_t units_;
  std::uint64_t next_ = 1;  // never given out from here on; unit 0 stays unused: a slot of 0 is free
  std::uint64_t in_use_ = 0;
  std::array<std::vector<std::uint64_t>, kSizes.size()> free_;
  std::vector<std::uint8_t> class_of_;  // by first unit
};

}  // namespace postern::policy::table
