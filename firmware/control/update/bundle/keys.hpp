// The public keys that may sign updates: files `*.pub` of a folder on the read-only root, one line each: the
// key in hex, then whose it is. A comment that begins with TEST is a key that the build made; it is never
// silent.
#pragma once

#include <sodium.h>

#include <filesystem>
#include <span>

#include "firmware/control/update/bundle/manifest.hpp"

namespace postern::control::update {

struct PublicKey {
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> bytes{};
  std::string owner;
  bool test() const { return owner.starts_with("TEST"); }
};

Outcome<PublicKey> parse_key(std::string_view line);
// Files that hold no key are passed over; a folder without any key is a fault.
Outcome<std::vector<PublicKey>> load_keys(const std::filesystem::path& folder);

// The key that signed the bytes, or nothing.
const PublicKey* signer(std::span<const PublicKey> keys, Bytes signature, Bytes signed_bytes);

}  // namespace postern::control::update
