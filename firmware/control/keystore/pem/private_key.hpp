// A private key: read, made, asked for its public half, used to sign certificates and requests.
// RSA 2048 to 4096 bits, ECDSA P-256 and P-384, Ed25519. RFC 5280 §4.1.2.7, RFC 5480, RFC 8410.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/control/keystore/memory/secret.hpp"

namespace postern::keystore {

enum class Algorithm : std::uint8_t { rsa, p256, p384, ed25519 };

class PrivateKey {
 public:
  // PKCS #8, or the traditional forms of RSA and EC.
  static Result<PrivateKey> from_pem(std::string_view pem);
  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  Algorithm algorithm() const;
  // "ecdsa-p256", "rsa-2048", "ed25519".
  std::string name() const;
  // SubjectPublicKeyInfo, DER.
  std::vector<std::uint8_t> public_info();
  // The AlgorithmIdentifier of what sign() makes, DER. Not for Ed25519.
  std::vector<std::uint8_t> signature_algorithm() const;
  Result<std::vector<std::uint8_t>> sign(Bytes message);

  struct Parts;  // the library's

 private:
  explicit PrivateKey(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// PEM of a new key. RSA takes seconds.
Result<Secret> make_key(Algorithm algorithm, int bits = 2048);

}  // namespace postern::keystore
