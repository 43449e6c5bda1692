// Settings to carry away: see the header.
#include "firmware/control/store/portable.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace postern::control {

namespace {

using Json = nlohmann::ordered_json;
using Key = std::array<unsigned char, crypto_secretstream_xchacha20poly1305_KEYBYTES>;

constexpr std::string_view kMagic = "PSTEXP1\n";
constexpr std::size_t kSalt = crypto_pwhash_SALTBYTES;
constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kExtra = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kFront = kMagic.size() + 8 + kSalt + kHeader;
constexpr std::uint32_t kMostPasses = 10;
constexpr std::uint32_t kMostKibibytes = 256 * 1024;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

void put_number(std::string& to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t number_at(std::string_view text, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(text[at + i]);
  return number;
}

// The key that the passphrase stands for; wiped by who asked for it.
bool make_key(std::string_view passphrase, std::string_view salt, SealCost cost, Key& key) {
  return ::crypto_pwhash(key.data(), key.size(), passphrase.data(), passphrase.size(), bytes(salt),
                         cost.passes, std::size_t{cost.kibibytes} * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

std::string sealed_pieces(std::string_view plain, const Key& key, std::string& header) {
  crypto_secretstream_xchacha20poly1305_state state;
  header.resize(kHeader);
  ::crypto_secretstream_xchacha20poly1305_init_push(&state, bytes(header), key.data());
  std::string sealed;
  do {
    const auto piece = plain.substr(0, kPiece);
    plain.remove_prefix(piece.size());
    std::string out(piece.size() + kExtra, '\0');
    ::crypto_secretstream_xchacha20poly1305_push(
        &state, bytes(out), nullptr, bytes(piece), piece.size(), nullptr, 0,
        plain.empty() ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    sealed += out;
  } while (!plain.empty());
  ::sodium_memzero(&state, sizeof state);
  return sealed;
}

Result<std::string, Fault> opened_pieces(std::string_view sealed, std::string_view header, const Key& key) {
  crypto_secretstream_xchacha20poly1305_state state;
  if (::crypto_secretstream_xchacha20poly1305_init_pull(&state, bytes(header), key.data()) != 0)
    return fault("the file is damaged");
  std::string plain;
  unsigned char tag = 0;
  while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
    const auto piece = sealed.substr(0, kPiece + kExtra);
    if (piece.size() < kExtra) return fault("the file is cut short");
    sealed.remove_prefix(piece.size());
    std::string out(piece.size() - kExtra, '\0');
    if (::crypto_secretstream_xchacha20poly1305_pull(&state, bytes(out), nullptr, &tag, bytes(piece),
                                                     piece.size(), nullptr, 0) != 0)
      return fault("the passphrase is wrong, or the file is damaged");
    plain += out;
  }
  if (!sealed.empty()) return fault("the file is longer than it should be");
  return plain;
}

}  // namespace

std::string write_portable(const Portable& portable) {
  return Json{{"format", 1},
              {"schema", portable.schema},
              {"time_ns", portable.wall_ns},
              {"host_name", portable.host_name},
              {"secrets", portable.secrets},
              {"values", portable.values.empty() ? Json::object() : Json(portable.values)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Portable, Fault> read_portable(std::string_view text) {
  Portable portable;
  try {
    const auto json = Json::parse(text);
    if (json.at("format").get<int>() != 1)
      return fault("the file is of a format that this version does not know");
    portable.schema = json.at("schema").get<std::uint32_t>();
    portable.wall_ns = json.at("time_ns").get<std::uint64_t>();
    portable.host_name = json.at("host_name").get<std::string>();
    portable.secrets = json.at("secrets").get<bool>();
    for (const auto& [name, value] : json.at("values").items())
      portable.values[name] = value.get<std::string>();
  } catch (const nlohmann::json::exception&) {
    return fault("the file does not hold settings");
  }
  return portable;
}

Result<std::string, Fault> seal(const Portable& portable, std::string_view passphrase, SealCost cost) {
  if (passphrase.size() < kLeastPassphrase)
    return fault("the passphrase is too short: at least " + std::to_string(kLeastPassphrase) + " characters");
  std::string salt(kSalt, '\0');
  ::randombytes_buf(salt.data(), salt.size());
  Key key;
  if (!make_key(passphrase, salt, cost, key)) return fault("there is not enough memory for the passphrase");
  auto plain = write_portable(portable);
  std::string header;
  const auto pieces = sealed_pieces(plain, key, header);
  ::sodium_memzero(plain.data(), plain.size());
  ::sodium_memzero(key.data(), key.size());
  std::string file(kMagic);
  put_number(file, cost.passes);
  put_number(file, cost.kibibytes);
  return file + salt + header + pieces;
}

Result<Portable, Fault> unseal(std::string_view file, std::string_view passphrase) {
  if (!file.starts_with(kMagic)) return fault("this is no file of exported settings");
  if (file.size() < kFront + kExtra) return fault("the file is cut short");
  const SealCost cost{number_at(file, kMagic.size()), number_at(file, kMagic.size() + 4)};
  if (cost.passes == 0 || cost.passes > kMostPasses || cost.kibibytes < 8 || cost.kibibytes > kMostKibibytes)
    return fault("the file asks for more work than any export does");
  Key key;
  const auto salt = file.substr(kMagic.size() + 8, kSalt);
  if (!make_key(passphrase, salt, cost, key)) return fault("there is not enough memory for the passphrase");
  auto plain = opened_pieces(file.substr(kFront), file.substr(kFront - kHeader, kHeader), key);
  ::sodium_memzero(key.data(), key.size());
  if (!plain) return tl::unexpected(plain.error());
  auto portable = read_portable(*plain);
  ::sodium_memzero(plain->data(), plain->size());
  return portable;
}

}  // namespace postern::control
