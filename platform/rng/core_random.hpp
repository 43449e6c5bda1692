// A core's random numbers: ChaCha20 with fast key erasure, no system call after the seed.
//
// Each refill makes one block of key stream: its first 32 bytes become the next key, the rest is handed out
// once and wiped as it goes, so what was given out cannot be found again in memory. RFC 8439 §2.4.
#pragma once

#include <array>
#include <cstdint>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::rng {

using Seed = std::array<std::uint8_t, 32>;

class CoreRandom {
 public:
  explicit CoreRandom(const Seed& seed) : key_(seed) {}
  ~CoreRandom();
  CoreRandom(const CoreRandom&) = delete;
  CoreRandom& operator=(const CoreRandom&) = delete;

  void fill(MutableBytes out);
  std::uint32_t u32();
  std::uint64_t u64();
  // Uniform in [0, limit); 0 where limit is 0.
  std::uint32_t below(std::uint32_t limit);

 private:
  void refill();

  Seed key_;
  std::array<std::uint8_t, 992> pool_{};
  std::size_t left_ = 0;  // unused bytes, at the pool's end
};

}  // namespace postern::rng
