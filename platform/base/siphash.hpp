// A keyed hash for tables whose keys come from strangers: without the key nobody can make keys that collide.
//
// SipHash-2-4, as libsodium's crypto_shorthash.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include <sodium/crypto_shorthash.h>

#include "platform/base/bytes.hpp"

namespace postern {

using SipKey = std::array<std::uint8_t, crypto_shorthash_KEYBYTES>;

inline std::uint64_t siphash(const SipKey& key, Bytes bytes) {
  std::uint8_t out[crypto_shorthash_BYTES];
  crypto_shorthash(out, bytes.data(), bytes.size(), key.data());
  std::uint64_t value;
  std::memcpy(&value, out, sizeof value);
  return value;
}

}  // namespace postern
