// One secret as it lies on disk: pure functions on bytes.
//
//   "PKEY" | version 16 | kind 8 | zero 8 | name text | nonce 24 | ciphertext and tag
//
// XChaCha20-Poly1305 under the store's key; everything before the nonce is associated data, so that a file
// moved to another name or kind does not open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/keystore/memory/secret.hpp"

namespace postern::keystore {

enum class Kind : std::uint8_t { tls = 1, dkim, secret, pepper };
std::string_view text(Kind kind);

inline constexpr std::size_t kMasterBytes = 32;
inline constexpr std::size_t kMostSealedBytes = 2u << 20;
inline constexpr std::size_t kMostNameBytes = 64;

// "a-z 0-9 . _ -", beginning with a letter or digit.
bool is_entry_name(std::string_view name);

struct SealedView {
  Kind kind{};
  std::string_view name;
  Bytes header;  // what is authenticated besides
  Bytes nonce;
  Bytes ciphertext;
};

Result<SealedView> read_sealed(Bytes file);
std::vector<std::uint8_t> seal(const Secret& master, Kind kind, std::string_view name, Bytes plain);
// Faults: another key, or a changed file; which of them cannot be told.
Result<Secret> open_sealed(const Secret& master, const SealedView& file);

}  // namespace postern::keystore
