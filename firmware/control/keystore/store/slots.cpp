// The ways to the master key: see the header.
#include "firmware/control/keystore/store/slots.hpp"

#include "firmware/control/keystore/store/sealed.hpp"
#include "firmware/ipc/codec.hpp"

namespace postern::keystore {

namespace {

constexpr std::uint32_t kMagic = 0x504d4b53;  // "PMKS"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMostSlots = 8;
constexpr std::size_t kMostParameters = 16384;
constexpr std::size_t kSalt = crypto_pwhash_SALTBYTES;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kKey = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kLeastKeyFile = 32;
// A file must not be able to ask for more work than a person would wait for.
constexpr Cost kMostCost{10, 1u << 30};

std::vector<std::uint8_t> associated(const Slot& slot) {
  ipc::Writer writer;
  writer.text("postern master key");
  writer.number(static_cast<std::uint8_t>(slot.kind));
  writer.text(as_text(slot.parameters));
  return writer.take();
}

std::vector<std::uint8_t> copy(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string_view text(SlotKind kind) {
  switch (kind) {
    case SlotKind::tpm:
      return "tpm";
    case SlotKind::passphrase:
      return "passphrase";
    case SlotKind::file:
      return "file";
  }
  return "?";
}

std::vector<std::uint8_t> write_slots(const std::vector<Slot>& slots) {
  ipc::Writer writer;
  writer.number(kMagic);
  writer.number(kVersion);
  writer.number(static_cast<std::uint16_t>(slots.size()));
  for (const auto& slot : slots) {
    writer.number(static_cast<std::uint8_t>(slot.kind));
    writer.number(slot.since);
    writer.text(as_text(slot.parameters));
    writer.text(as_text(slot.wrapped));
  }
  return writer.take();
}

Result<std::vector<Slot>> read_slots(Bytes file) {
  ipc::Reader reader(file);
  if (reader.number<std::uint32_t>() != kMagic) return fail("it does not begin as a master key's file does");
  if (reader.number<std::uint16_t>() != kVersion) return fail("it is of another version");
  const auto count = reader.number<std::uint16_t>();
  if (reader.failed() || count == 0 || count > kMostSlots) return fail("it has no slots, or too many");
  std::vector<Slot> slots;
  for (std::uint16_t i = 0; i < count; ++i) {
    const auto kind = reader.number<std::uint8_t>();
    Slot slot{static_cast<SlotKind>(kind), reader.number<std::uint64_t>(), copy(reader.text(kMostParameters)),
              copy(reader.text(kMostParameters))};
    if (reader.failed() || kind < 1 || kind > 3) return fail("a slot is cut short or of an unknown kind");
    slots.push_back(std::move(slot));
  }
  if (!reader.complete()) return fail("it is too long");
  return slots;
}

std::vector<std::uint8_t> passphrase_parameters(Cost cost) {
  ipc::Writer writer;
  const auto salt = Secret::random(kSalt);
  writer.raw(salt.bytes());
  writer.number(cost.passes);
  writer.number(cost.memory);
  return writer.take();
}

Result<Secret> passphrase_key(std::string_view passphrase, Bytes parameters) {
  ipc::Reader reader(parameters);
  const Bytes salt = reader.raw(kSalt);
  const auto passes = reader.number<std::uint32_t>();
  const auto memory = reader.number<std::uint64_t>();
  if (!reader.complete() || passes < kLeastCost.passes || passes > kMostCost.passes ||
      memory < kLeastCost.memory || memory > kMostCost.memory)
    return fail("the passphrase's slot is malformed");
  Secret key(kKey);
  if (::crypto_pwhash(key.bytes().data(), kKey, passphrase.data(), passphrase.size(), salt.data(), passes,
                      memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail("there is not enough memory to try a passphrase");
  return key;
}

std::vector<std::uint8_t> file_parameters() {
  const auto salt = Secret::random(kSalt);
  return {salt.bytes().begin(), salt.bytes().end()};
}

Result<Secret> file_key(Bytes content, Bytes parameters) {
  if (content.size() < kLeastKeyFile) return fail("a key file has at least 32 bytes");
  if (parameters.size() != kSalt) return fail("the key file's slot is malformed");
  Secret key(kKey);
  ::crypto_generichash(key.bytes().data(), kKey, content.data(), content.size(), parameters.data(),
                       parameters.size());
  return key;
}

void wrap(Slot& slot, const Secret& master, const Secret& key) {
  const auto beside = associated(slot);
  slot.wrapped.assign(kNonce + master.bytes().size() + kTag, 0);
  ::randombytes_buf(slot.wrapped.data(), kNonce);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(slot.wrapped.data() + kNonce, nullptr, master.bytes().data(),
                                               master.bytes().size(), beside.data(), beside.size(), nullptr,
                                               slot.wrapped.data(), key.bytes().data());
}

Result<Secret> unwrap(const Slot& slot, const Secret& key) {
  if (slot.wrapped.size() != kNonce + kMasterBytes + kTag || key.bytes().size() != kKey)
    return fail("the slot is malformed");
  const auto beside = associated(slot);
  Secret master(kMasterBytes);
  if (::crypto_aead_xchacha20poly1305_ietf_decrypt(
          master.bytes().data(), nullptr, nullptr, slot.wrapped.data() + kNonce, kMasterBytes + kTag,
          beside.data(), beside.size(), slot.wrapped.data(), key.bytes().data()) != 0)
    return fail("it does not open the store");
  return master;
}

}  // namespace postern::keystore
