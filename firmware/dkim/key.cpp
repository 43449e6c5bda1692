// Private keys: see the header.
#include "firmware/dkim/key.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "firmware/dkim/base64.hpp"
#include "firmware/dkim/wolfcrypt.hpp"

namespace postern::dkim {
namespace {

constexpr int kLeastRsaBytes = 2048 / 8;  // RFC 8301 §3.2: signers should use 2048 bits or more
constexpr int kMostRsaBytes = 4096 / 8;
constexpr word32 kDigestBytes = std::tuple_size_v<Digest>;
constexpr word32 kMostPublicBytes = 1024;

struct Rsa {
  RsaKey key;
  Rsa() { wc_InitRsaKey(&key, nullptr); }
  ~Rsa() { wc_FreeRsaKey(&key); }
  Rsa(const Rsa&) = delete;
  Rsa& operator=(const Rsa&) = delete;
};

struct Ed25519 {
  ed25519_key key;
  Ed25519() { wc_ed25519_init(&key); }
  ~Ed25519() { wc_ed25519_free(&key); }
  Ed25519(const Ed25519&) = delete;
  Ed25519& operator=(const Ed25519&) = delete;
};

// RSA signing is blinded with random numbers; the library asks the ambient generator for them.
class Random {
 public:
  Random() : usable_(wc_InitRng(&rng_) == 0) {}
  ~Random() {
    if (usable_) wc_FreeRng(&rng_);
  }
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  WC_RNG* get() { return usable_ ? &rng_ : nullptr; }

 private:
  WC_RNG rng_{};
  bool usable_;
};

void wipe(std::vector<std::uint8_t>& bytes) {
  volatile std::uint8_t* at = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) at[i] = 0;
}

// The bytes of the first private key block; empty: there is none that could be read.
std::vector<std::uint8_t> pem_block(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  for (auto at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + 1)) {
    const auto label_end = pem.find("-----", at + kBegin.size());
    if (label_end == std::string_view::npos) return {};
    const auto label = pem.substr(at + kBegin.size(), label_end - at - kBegin.size());
    if (label != "PRIVATE KEY" && label != "RSA PRIVATE KEY") continue;
    const auto body = label_end + 5;
    const auto end = pem.find("-----END", body);
    if (end == std::string_view::npos) return {};
    return from_base64(pem.substr(body, end - body)).value_or(std::vector<std::uint8_t>{});
  }
  return {};
}

}  // namespace

struct Key::Parts {
  std::variant<Rsa, Ed25519> key;
};

namespace {

// True where the bytes hold an RSA key; `why` says what is wrong with it, if anything is.
bool read_rsa(const std::vector<std::uint8_t>& der, Key::Parts& parts, std::string_view& why) {
  auto& rsa = parts.key.emplace<Rsa>();
  word32 at = 0;
  if (wc_RsaPrivateKeyDecode(der.data(), &at, &rsa.key, static_cast<word32>(der.size())) != 0) return false;
  const int bytes = wc_RsaEncryptSize(&rsa.key);
  if (bytes < kLeastRsaBytes) why = "an RSA key to sign mail with has 2048 bits or more";
  if (bytes > kMostRsaBytes) why = "an RSA key to sign mail with has 4096 bits or less";
  return true;
}

bool read_ed25519(const std::vector<std::uint8_t>& der, Key::Parts& parts) {
  auto& ed = parts.key.emplace<Ed25519>();
  word32 at = 0;
  if (wc_Ed25519PrivateKeyDecode(der.data(), &at, &ed.key, static_cast<word32>(der.size())) != 0)
    return false;
  std::array<std::uint8_t, ED25519_PUB_KEY_SIZE> out{};
  return wc_ed25519_make_public(&ed.key, out.data(), out.size()) == 0 &&
         wc_ed25519_import_public(out.data(), out.size(), &ed.key) == 0;
}

Result<Signature> sign_rsa(RsaKey& key, const Digest& digest) {
  std::array<std::uint8_t, WC_MAX_DIGEST_SIZE + 32> encoded{};
  // RFC 8017 §9.2: the digest with the name of its algorithm.
  const word32 length = wc_EncodeSignature(encoded.data(), digest.data(), kDigestBytes, SHA256h);
  Random random;
  if (random.get() == nullptr || wc_RsaSetRNG(&key, random.get()) != 0)
    return fail("no random numbers to sign with");
  Signature signature(kMostRsaBytes, boost::container::default_init);
  const int made = wc_RsaSSL_Sign(encoded.data(), length, signature.data(),
                                  static_cast<word32>(signature.size()), &key, random.get());
  wc_RsaSetRNG(&key, nullptr);
  if (made <= 0) return fail("the RSA key does not sign");
  signature.resize(static_cast<std::size_t>(made));
  return signature;
}

Result<Signature> sign_ed25519(ed25519_key& key, const Digest& digest) {
  Signature signature(ED25519_SIG_SIZE, boost::container::default_init);
  word32 length = ED25519_SIG_SIZE;
  // RFC 8463 §3: PureEdDSA over the SHA-256 digest, the digest taken as the message.
  if (wc_ed25519_sign_msg(digest.data(), kDigestBytes, signature.data(), &length, &key) != 0) {
    return fail("the Ed25519 key does not sign");
  }
  return signature;
}

}  // namespace

std::string_view text(Algorithm algorithm) {
  return algorithm == Algorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
}

Key::Key(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Key::Key(Key&&) noexcept = default;
Key& Key::operator=(Key&&) noexcept = default;
Key::~Key() = default;

Result<Key> Key::from_pem(std::string_view pem) {
  auto der = pem_block(pem);
  if (der.empty()) return fail("there is no private key in PEM form, without a password");
  auto parts = std::make_unique<Parts>();
  std::string_view why;
  const bool known = read_rsa(der, *parts, why) || read_ed25519(der, *parts);
  wipe(der);
  if (!known) return fail("the private key is neither RSA nor Ed25519");
  if (!why.empty()) return fail(why);
  return Key(std::move(parts));
}

Algorithm Key::algorithm() const {
  return std::holds_alternative<Rsa>(parts_->key) ? Algorithm::rsa_sha256 : Algorithm::ed25519_sha256;
}

Result<Signature> Key::sign(const Digest& digest) {
  if (auto* rsa = std::get_if<Rsa>(&parts_->key)) return sign_rsa(rsa->key, digest);
  return sign_ed25519(std::get<Ed25519>(parts_->key).key, digest);
}

std::string Key::public_text() const {
  std::array<std::uint8_t, kMostPublicBytes> out{};
  if (auto* rsa = std::get_if<Rsa>(&parts_->key)) {
    // RFC 6376 §3.6.1 as its erratum 3017 and all verifiers have it: SubjectPublicKeyInfo.
    const int length = wc_RsaKeyToPublicDer(&rsa->key, out.data(), out.size());
    return length <= 0 ? "" : to_base64(Bytes(out.data(), static_cast<std::size_t>(length)));
  }
  word32 length = out.size();
  if (wc_ed25519_export_public(&std::get<Ed25519>(parts_->key).key, out.data(), &length) != 0) return "";
  return to_base64(Bytes(out.data(), length));
}

}  // namespace postern::dkim
