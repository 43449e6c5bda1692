// The certificates a core answers with: one library context per credential, found by the name the peer asks
// for and by the signatures it understands.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "firmware/tls/client_hello.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/tls/wolfssl.hpp"

namespace postern::tls {

enum class KeyKind : std::uint8_t { rsa, p256, p384 };

class CertificateStore {
 public:
  struct Choice {
    WOLFSSL_CTX* context = nullptr;
    KeyKind kind = KeyKind::rsa;
    bool is_default = false;  // no certificate bears the name
  };

  // `context` is ready but for certificate and key.
  Result<void, Fault> add(const Credential& credential, Context context);
  // Exact name, else the wildcard one label up (RFC 9525 §6.3), else the default. Within a name: ECDSA where
  // the peer can check it, else RSA. Without any fitting one a context all the same: the handshake says why
  // it fails.
  Choice choose(const ClientHello& hello) const;
  bool empty() const { return contexts_.empty(); }

 private:
  // Indices into `contexts_`, or -1.
  struct Pair {
    std::int32_t ecdsa = -1;
    std::int32_t rsa = -1;
  };
  struct Held {
    Context context;
    KeyKind kind;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  const Pair* named(std::string_view name) const;
  std::int32_t fitting(const Pair& pair, const ClientHello& hello) const;
  void put(Pair& pair, std::int32_t index);

  std::vector<Held> contexts_;
  std::unordered_map<std::string, Pair, Hash, std::equal_to<>> by_name_;
  Pair default_;
};

// What a credential is called in messages to people.
std::string credential_name(const Credential& credential);

}  // namespace postern::tls
