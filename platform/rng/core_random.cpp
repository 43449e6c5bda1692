// See core_random.hpp.
#include "platform/rng/core_random.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace postern::rng {

CoreRandom::~CoreRandom() {
  sodium_memzero(key_.data(), key_.size());
  sodium_memzero(pool_.data(), pool_.size());
}

void CoreRandom::refill() {
  constexpr std::array<std::uint8_t, crypto_stream_chacha20_ietf_NONCEBYTES>
      kNonce{};  // each key is used once
  std::array<std::uint8_t, 32 + sizeof pool_> stream;
  crypto_stream_chacha20_ietf(stream.data(), stream.size(), kNonce.data(), key_.data());
  std::memcpy(key_.data(), stream.data(), key_.size());
  std::memcpy(pool_.data(), stream.data() + key_.size(), pool_.size());
  sodium_memzero(stream.data(), stream.size());
  left_ = pool_.size();
}

void CoreRandom::fill(MutableBytes out) {
  while (!out.empty()) {
    if (left_ == 0) refill();
    const auto n = std::min(left_, out.size());
    auto* from = pool_.data() + (pool_.size() - left_);
    std::memcpy(out.data(), from, n);
    std::memset(from, 0, n);
    left_ -= n;
    out = out.subspan(n);
  }
}

std::uint32_t CoreRandom::u32() {
  std::uint32_t value;
  fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

std::uint64_t CoreRandom::u64() {
  std::uint64_t value;
  fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

// Multiply and reject the few values that would favour small results (Lemire 2019).
std::uint32_t CoreRandom::below(std::uint32_t limit) {
  if (limit == 0) return 0;
  const std::uint32_t unfair = (0u - limit) % limit;
  for (;;) {
    const auto product = std::uint64_t{u32()} * limit;
    if (static_cast<std::uint32_t>(product) >= unfair) return static_cast<std::uint32_t>(product >> 32);
  }
}

}  // namespace postern::rng
