#include "firmware/dkim/generate.hpp"

#include <vector>

#include "firmware/dkim/base64.hpp"
#include "firmware/dkim/wolfcrypt.hpp"

namespace postern::dkim {
namespace {

constexpr word32 kMostDer = 8192;
constexpr long kExponent = 65537;

std::string pem(const char* label, const std::vector<std::uint8_t>& der, int length) {
  constexpr std::size_t kLine = 64;
  const auto text = to_base64(Bytes(der).first(static_cast<std::size_t>(length)));
  std::string out = std::string("-----BEGIN ") + label + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) out += text.substr(at, kLine) + "\n";
  return out + "-----END " + label + "-----\n";
}

std::string make_rsa(WC_RNG& rng, int bits) {
  RsaKey key;
  std::vector<std::uint8_t> der(kMostDer);
  if (wc_InitRsaKey(&key, nullptr) != 0) return {};
  int length = wc_MakeRsaKey(&key, bits, kExponent, &rng);
  if (length == 0) length = wc_RsaKeyToDer(&key, der.data(), kMostDer);
  wc_FreeRsaKey(&key);
  return length > 0 ? pem("RSA PRIVATE KEY", der, length) : std::string();
}

std::string make_ed25519(WC_RNG& rng) {
  ed25519_key key;
  std::vector<std::uint8_t> der(kMostDer);
  if (wc_ed25519_init(&key) != 0) return {};
  int length = wc_ed25519_make_key(&rng, ED25519_KEY_SIZE, &key);
  if (length == 0) length = wc_Ed25519PrivateKeyToDer(&key, der.data(), kMostDer);
  wc_ed25519_free(&key);
  return length > 0 ? pem("PRIVATE KEY", der, length) : std::string();
}

}  // namespace

Result<std::string> generate_key(Algorithm algorithm, int bits) {
  if (bits < 2048 || bits > 4096 || bits % 8 != 0) return fail("an RSA key has 2048 to 4096 bits");
  WC_RNG rng{};
  if (wc_InitRng(&rng) != 0) return fail("no random numbers to make a key with");
  auto made = algorithm == Algorithm::rsa_sha256 ? make_rsa(rng, bits) : make_ed25519(rng);
  wc_FreeRng(&rng);
  if (made.empty()) return fail("the key could not be made");
  return made;
}

}  // namespace postern::dkim
