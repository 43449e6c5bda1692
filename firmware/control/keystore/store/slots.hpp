// The ways to the master key: each slot holds it wrapped under a key of its own kind. Pure but for the work
// of deriving keys.
//
//   "PMKS" | version 16 | count 16 | count times: kind 8, since 64, parameters text, wrapped text
//
// TPM: the chip seals a random key; parameters are its sealed object. Passphrase: argon2id; parameters are
// salt, passes, memory. File: a hash of the file's bytes; parameters are a salt.
#pragma once

#include <string_view>
#include <vector>

#include "firmware/control/keystore/memory/secret.hpp"

namespace postern::keystore {

enum class SlotKind : std::uint8_t { tpm = 1, passphrase, file };
std::string_view text(SlotKind kind);

struct Slot {
  SlotKind kind{};
  std::uint64_t since = 0;  // ns since 1970
  std::vector<std::uint8_t> parameters;
  std::vector<std::uint8_t> wrapped;
};

// How hard a passphrase is to try. Tests take less.
struct Cost {
  std::uint32_t passes = 3;
  std::uint64_t memory = 256u << 20;
};
inline constexpr Cost kLeastCost{1, 8u << 20};

std::vector<std::uint8_t> write_slots(const std::vector<Slot>& slots);
Result<std::vector<Slot>> read_slots(Bytes file);

// The key that wraps: out of a passphrase, or out of a key file's content.
std::vector<std::uint8_t> passphrase_parameters(Cost cost);
Result<Secret> passphrase_key(std::string_view passphrase, Bytes parameters);
std::vector<std::uint8_t> file_parameters();
Result<Secret> file_key(Bytes content, Bytes parameters);

// Fills `slot.wrapped`; kind and parameters are authenticated besides.
void wrap(Slot& slot, const Secret& master, const Secret& key);
Result<Secret> unwrap(const Slot& slot, const Secret& key);

}  // namespace postern::keystore
