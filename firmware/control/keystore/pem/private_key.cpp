// A private key: see the header.
#include "firmware/control/keystore/pem/private_key.hpp"

#include <array>
#include <optional>

#include "firmware/control/keystore/pem/der.hpp"
#include "firmware/control/keystore/pem/pem.hpp"
#include "firmware/control/keystore/pem/wolfcrypt.hpp"
#include "firmware/dkim/generate.hpp"

namespace postern::keystore {

struct PrivateKey::Parts {
  Algorithm algorithm = Algorithm::rsa;
  RsaKey rsa{};
  ecc_key ecc{};
  ed25519_key ed25519{};
  WC_RNG rng{};

  Parts() {
    wc_InitRsaKey(&rsa, nullptr);
    wc_ecc_init(&ecc);
    wc_ed25519_init(&ed25519);
    wc_InitRng(&rng);
  }
  // Each of these wipes what was secret in it.
  ~Parts() {
    wc_FreeRsaKey(&rsa);
    wc_ecc_free(&ecc);
    wc_ed25519_free(&ed25519);
    wc_FreeRng(&rng);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
};

namespace {

using Parts = PrivateKey::Parts;
constexpr word32 kMostDer = 8192;
constexpr int kLeastBits = 2048;
constexpr int kMostBits = 4096;

bool load_rsa(Parts& parts, Bytes der) {
  word32 at = 0;
  parts.algorithm = Algorithm::rsa;
  return wc_RsaPrivateKeyDecode(der.data(), &at, &parts.rsa, static_cast<word32>(der.size())) == 0;
}

bool load_ecc(Parts& parts, Bytes der) {
  word32 at = 0;
  if (wc_EccPrivateKeyDecode(der.data(), &at, &parts.ecc, static_cast<word32>(der.size())) != 0) return false;
  parts.algorithm = wc_ecc_size(&parts.ecc) == 48 ? Algorithm::p384 : Algorithm::p256;
  // A key without its public half gets it.
  return wc_ecc_make_pub(&parts.ecc, nullptr) == 0;
}

bool load_ed25519(Parts& parts, Bytes der) {
  word32 at = 0;
  parts.algorithm = Algorithm::ed25519;
  if (wc_Ed25519PrivateKeyDecode(der.data(), &at, &parts.ed25519, static_cast<word32>(der.size())) != 0)
    return false;
  std::array<std::uint8_t, ED25519_PUB_KEY_SIZE> half{};
  if (wc_ed25519_make_public(&parts.ed25519, half.data(), half.size()) != 0) return false;
  return wc_ed25519_import_public(half.data(), half.size(), &parts.ed25519) == 0;
}

std::string_view unfit(const Parts& parts) {
  if (parts.algorithm == Algorithm::rsa) {
    const int bits = wc_RsaEncryptSize(&parts.rsa) * 8;
    if (bits < kLeastBits || bits > kMostBits) return "an RSA key has to have 2048 to 4096 bits";
  } else if (parts.algorithm != Algorithm::ed25519) {
    const int curve = wc_ecc_get_curve_id(parts.ecc.idx);
    if (curve != ECC_SECP256R1 && curve != ECC_SECP384R1)
      return "an EC key has to be on curve P-256 or P-384";
  }
  return {};
}

// What a label promises, tried in that order.
std::optional<std::string_view> load(Parts& parts, const PemBlock& block) {
  const Bytes der = block.der.bytes();
  const bool any = block.label == "PRIVATE KEY";
  if ((any || block.label == "RSA PRIVATE KEY") && load_rsa(parts, der)) return unfit(parts);
  if ((any || block.label == "EC PRIVATE KEY") && load_ecc(parts, der)) return unfit(parts);
  if (any && load_ed25519(parts, der)) return unfit(parts);
  return std::nullopt;
}

Secret pem_of(std::string_view label, const Secret& der, int length) {
  return length > 0 ? write_secret_pem(label, der.bytes().first(static_cast<std::size_t>(length))) : Secret();
}

Secret make_ecc(Algorithm algorithm) {
  Parts parts;
  Secret der(kMostDer);
  const bool large = algorithm == Algorithm::p384;
  if (wc_ecc_make_key_ex(&parts.rng, large ? 48 : 32, &parts.ecc, large ? ECC_SECP384R1 : ECC_SECP256R1) != 0)
    return {};
  return pem_of("EC PRIVATE KEY", der, wc_EccKeyToDer(&parts.ecc, der.bytes().data(), kMostDer));
}

}  // namespace

PrivateKey::PrivateKey(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem);
  if (!blocks) return tl::unexpected(blocks.error());
  std::optional<PrivateKey> found;
  for (const auto& block : *blocks) {
    if (block.label == "ENCRYPTED PRIVATE KEY")
      return fail("the key is encrypted; upload it in clear, it is kept encrypted here");
    if (!block.label.ends_with("PRIVATE KEY")) continue;
    if (found) return fail("there are two private keys");
    auto parts = std::make_unique<Parts>();
    const auto wrong = load(*parts, block);
    if (!wrong) return fail("the private key is damaged, or of a kind that is not used here");
    if (!wrong->empty()) return fail(*wrong);
    found = PrivateKey(std::move(parts));
  }
  if (!found) return fail("there is no private key");
  return std::move(*found);
}

Algorithm PrivateKey::algorithm() const {
  return parts_->algorithm;
}

std::string PrivateKey::name() const {
  switch (parts_->algorithm) {
    case Algorithm::rsa:
      return "rsa-" + std::to_string(wc_RsaEncryptSize(&parts_->rsa) * 8);
    case Algorithm::p256:
      return "ecdsa-p256";
    case Algorithm::p384:
      return "ecdsa-p384";
    case Algorithm::ed25519:
      return "ed25519";
  }
  return "?";
}

std::vector<std::uint8_t> PrivateKey::public_info() {
  std::vector<std::uint8_t> der(kMostDer);
  int length = 0;
  if (parts_->algorithm == Algorithm::rsa) {
    length = wc_RsaKeyToPublicDer(&parts_->rsa, der.data(), kMostDer);
  } else if (parts_->algorithm == Algorithm::ed25519) {
    length = wc_Ed25519PublicKeyToDer(&parts_->ed25519, der.data(), kMostDer, 1);
  } else {
    length = wc_EccPublicKeyToDer(&parts_->ecc, der.data(), kMostDer, 1);
  }
  der.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return der;
}

std::vector<std::uint8_t> PrivateKey::signature_algorithm() const {
  // RFC 5758 §3.2: ecdsa-with-SHA256 without parameters; RFC 4055 §5: sha256WithRSAEncryption with NULL.
  static constexpr std::array<std::uint8_t, 10> kEcdsa{0x06, 0x08, 0x2a, 0x86, 0x48,
                                                       0xce, 0x3d, 0x04, 0x03, 0x02};
  static constexpr std::array<std::uint8_t, 13> kRsa{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                     0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};
  return parts_->algorithm == Algorithm::rsa ? der_element(kDerSequence, Bytes(kRsa))
                                             : der_element(kDerSequence, Bytes(kEcdsa));
}

Result<std::vector<std::uint8_t>> PrivateKey::sign(Bytes message) {
  std::array<std::uint8_t, WC_SHA256_DIGEST_SIZE> digest{};
  wc_Sha256Hash(message.data(), static_cast<word32>(message.size()), digest.data());
  std::vector<std::uint8_t> signature(kMostDer);
  word32 size = kMostDer;
  int status = -1;
  if (parts_->algorithm == Algorithm::rsa) {
    std::array<std::uint8_t, MAX_DER_DIGEST_SZ> encoded{};
    const auto length = wc_EncodeSignature(encoded.data(), digest.data(), digest.size(), SHA256h);
    status = wc_RsaSSL_Sign(encoded.data(), length, signature.data(), kMostDer, &parts_->rsa, &parts_->rng);
    size = status > 0 ? static_cast<word32>(status) : 0;
  } else if (parts_->algorithm != Algorithm::ed25519) {
    status =
        wc_ecc_sign_hash(digest.data(), digest.size(), signature.data(), &size, &parts_->rng, &parts_->ecc);
  }
  if (status < 0) return fail("this key cannot sign certificates");
  signature.resize(size);
  return signature;
}

Result<Secret> make_key(Algorithm algorithm, int bits) {
  if (algorithm == Algorithm::rsa || algorithm == Algorithm::ed25519) {
    auto made = dkim::generate_key(
        algorithm == Algorithm::rsa ? dkim::Algorithm::rsa_sha256 : dkim::Algorithm::ed25519_sha256, bits);
    if (!made) return tl::unexpected(made.error());
    const Wiped wiped(*made);
    return Secret::of(std::string_view(*made));
  }
  auto made = make_ecc(algorithm);
  if (made.empty()) return fail("the key could not be made");
  return made;
}

}  // namespace postern::keystore
