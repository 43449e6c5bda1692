// One secret as it lies on disk: see the header.
#include "firmware/control/keystore/store/sealed.hpp"

#include <algorithm>

#include "firmware/ipc/codec.hpp"

namespace postern::keystore {

namespace {

constexpr std::uint32_t kMagic = 0x504b4559;  // "PKEY"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr char kPurpose[] = "entries_";  // of the key derived from the master key

Secret entries_key(const Secret& master) {
  Secret key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  ::crypto_kdf_derive_from_key(key.bytes().data(), key.bytes().size(), 1, kPurpose, master.bytes().data());
  return key;
}

bool known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(Kind::tls) && kind <= static_cast<std::uint8_t>(Kind::pepper);
}

bool fits_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string_view text(Kind kind) {
  switch (kind) {
    case Kind::tls:
      return "tls";
    case Kind::dkim:
      return "dkim";
    case Kind::secret:
      return "secret";
    case Kind::pepper:
      return "pepper";
  }
  return "?";
}

bool is_entry_name(std::string_view name) {
  if (name.empty() || name.size() > kMostNameBytes || !std::all_of(name.begin(), name.end(), fits_name))
    return false;
  return name[0] != '.' && name[0] != '_' && name[0] != '-';
}

Result<SealedView> read_sealed(Bytes file) {
  ipc::Reader reader(file);
  if (reader.number<std::uint32_t>() != kMagic) return fail("it does not begin as a sealed secret does");
  if (reader.number<std::uint16_t>() != kVersion) return fail("it is of another version");
  const auto kind = reader.number<std::uint8_t>();
  const auto zero = reader.number<std::uint8_t>();
  const auto name = reader.text(kMostNameBytes);
  if (reader.failed() || !known(kind) || zero != 0 || !is_entry_name(name))
    return fail("its header is wrong");
  const Bytes header = file.first(file.size() - reader.left());
  const Bytes nonce = reader.raw(kNonce);
  if (reader.failed() || reader.left() < kTag) return fail("it is cut short");
  return SealedView{static_cast<Kind>(kind), name, header, nonce, reader.raw(reader.left())};
}

std::vector<std::uint8_t> seal(const Secret& master, Kind kind, std::string_view name, Bytes plain) {
  ipc::Writer writer;
  writer.number(kMagic);
  writer.number(kVersion);
  writer.number(static_cast<std::uint8_t>(kind));
  writer.number(std::uint8_t{0});
  writer.text(name);
  auto file = writer.take();
  const auto header = file.size();
  file.resize(header + kNonce + plain.size() + kTag);
  std::uint8_t* nonce = file.data() + header;
  ::randombytes_buf(nonce, kNonce);
  const auto key = entries_key(master);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonce, nullptr, plain.data(), plain.size(),
                                               file.data(), header, nullptr, nonce, key.bytes().data());
  return file;
}

Result<Secret> open_sealed(const Secret& master, const SealedView& file) {
  if (file.ciphertext.size() < kTag) return fail("it is cut short");
  Secret plain(file.ciphertext.size() - kTag);
  const auto key = entries_key(master);
  if (::crypto_aead_xchacha20poly1305_ietf_decrypt(
          plain.bytes().data(), nullptr, nullptr, file.ciphertext.data(), file.ciphertext.size(),
          file.header.data(), file.header.size(), file.nonce.data(), key.bytes().data()) != 0)
    return fail("it was changed, or sealed by another key");
  return plain;
}

}  // namespace postern::keystore
