// A private key that signs mail: RSA (RFC 6376 §3.3.1 as RFC 8301 leaves it) or Ed25519 (RFC 8463).
//
// A key is used by one thread at a time; each core and each helper thread holds its own. `costly()` tells
// whether sign() takes long (RSA: more than a millisecond), so that a packet core may have it done elsewhere:
// what goes there and back is a Digest and a Signature, both plain values.
#pragma once

#include <boost/container/static_vector.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "firmware/dkim/sha256.hpp"
#include "platform/base/result.hpp"

namespace postern::dkim {

enum class Algorithm : std::uint8_t { rsa_sha256, ed25519_sha256 };
// "rsa-sha256": what stands in `a=`.
std::string_view text(Algorithm algorithm);

// What a key is for: its record says it (RFC 6376 §3.6.1 s=, RFC 8460 §3).
enum class Service : std::uint8_t { any, tls_reports };

using Signature = boost::container::static_vector<std::uint8_t, 512>;

class Key {
 public:
  // PKCS #8 or the traditional RSA form. RSA keys of 2048 to 4096 bits.
  static Result<Key> from_pem(std::string_view pem);
  Key(Key&&) noexcept;
  Key& operator=(Key&&) noexcept;
  ~Key();

  Algorithm algorithm() const;
  bool costly() const { return algorithm() == Algorithm::rsa_sha256; }
  // Signs the digest of a draft (draft.hpp).
  Result<Signature> sign(const Digest& digest);
  // The `p=` of the key record: base64 of the SubjectPublicKeyInfo (RSA) or of the 32 bytes (RFC 8463 §4).
  std::string public_text() const;

  struct Parts;  // the library's; its header is seen in key.cpp only

 private:
  explicit Key(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace postern::dkim
