// See certificates.hpp.
#include "firmware/tls/certificates.hpp"

#include <cstring>

namespace postern::tls {
namespace {

const unsigned char* pem_bytes(const std::string& pem) {
  return reinterpret_cast<const unsigned char*>(pem.data());
}

std::string reason_of(int error) {
  std::array<char, WOLFSSL_MAX_ERROR_SZ> text{};
  wolfSSL_ERR_error_string_n(static_cast<unsigned long>(error), text.data(), text.size());
  return text.data();
}

// The leaf's key, as far as we can use it.
Result<KeyKind, Fault> key_kind(const std::string& chain_pem) {
  std::vector<std::uint8_t> der(chain_pem.size());
  const int length = wc_CertPemToDer(pem_bytes(chain_pem), static_cast<int>(chain_pem.size()), der.data(),
                                     static_cast<int>(der.size()), CERT_TYPE);
  if (length <= 0) return fault("the certificate is not PEM");
  DecodedCert leaf;
  wc_InitDecodedCert(&leaf, der.data(), static_cast<word32>(length), nullptr);
  const int parsed = wc_ParseCert(&leaf, CERT_TYPE, NO_VERIFY, nullptr);
  const auto key = leaf.keyOID;
  const auto curve = leaf.pkCurveOID;
  wc_FreeDecodedCert(&leaf);
  if (parsed != 0) return fault("the certificate cannot be read: " + reason_of(parsed));
  if (key == RSAk) return KeyKind::rsa;
  if (key == ECDSAk && curve == ECC_SECP256R1_OID) return KeyKind::p256;
  if (key == ECDSAk && curve == ECC_SECP384R1_OID) return KeyKind::p384;
  return fault("the key is neither RSA nor ECDSA on P-256 or P-384");
}

bool can_check_ecdsa(const ClientHello& hello, KeyKind kind) {
  const bool scheme = kind == KeyKind::p256 ? hello.ecdsa_p256 : hello.ecdsa_p384;
  if (hello.offers_tls13) return scheme;
  // RFC 8422 §5.1 and §5.3: a TLS 1.2 client must offer the suite, and the key's curve if it lists any. Its
  // signature algorithms name hashes, not curves.
  const bool curve = !hello.has_groups || (kind == KeyKind::p256 ? hello.group_p256 : hello.group_p384);
  const bool hash = !hello.has_signature_algorithms || hello.ecdsa_p256 || hello.ecdsa_p384;
  return hello.ecdhe_ecdsa_suite && curve && hash;
}

bool can_check_rsa(const ClientHello& hello) {
  if (hello.offers_tls13) return hello.rsa_pss;
  return hello.ecdhe_rsa_suite && (!hello.has_signature_algorithms || hello.rsa_pss || hello.rsa_pkcs1);
}

}  // namespace

std::string credential_name(const Credential& credential) {
  return credential.names.empty() ? "the default certificate" : "certificate for " + credential.names.front();
}

Result<void, Fault> CertificateStore::add(const Credential& credential, Context context) {
  const auto who = credential_name(credential) + ": ";
  const auto kind = key_kind(credential.chain_pem);
  if (!kind) return fault(who + kind.error().reason);
  const auto& chain = credential.chain_pem;
  const auto& key = credential.key_pem;
  const int chain_taken = wolfSSL_CTX_use_certificate_chain_buffer_format(
      context.get(), pem_bytes(chain), static_cast<long>(chain.size()), WOLFSSL_FILETYPE_PEM);
  if (chain_taken != WOLFSSL_SUCCESS)
    return fault(who + "the chain cannot be used: " + reason_of(chain_taken));
  const int key_taken = wolfSSL_CTX_use_PrivateKey_buffer(
      context.get(), pem_bytes(key), static_cast<long>(key.size()), WOLFSSL_FILETYPE_PEM);
  if (key_taken != WOLFSSL_SUCCESS) return fault(who + "the key cannot be used: " + reason_of(key_taken));
  if (wolfSSL_CTX_check_private_key(context.get()) != WOLFSSL_SUCCESS) {
    return fault(who + "the key does not belong to the certificate");
  }
  const auto index = static_cast<std::int32_t>(contexts_.size());
  contexts_.push_back({std::move(context), *kind});
  for (const auto& name : credential.names) put(by_name_[name], index);
  if (credential.names.empty()) put(default_, index);
  return {};
}

void CertificateStore::put(Pair& pair, std::int32_t index) {
  auto& place = contexts_[static_cast<std::size_t>(index)].kind == KeyKind::rsa ? pair.rsa : pair.ecdsa;
  if (place < 0) place = index;
}

const CertificateStore::Pair* CertificateStore::named(std::string_view name) const {
  if (const auto exact = by_name_.find(name); exact != by_name_.end()) return &exact->second;
  const auto dot = name.find('.');
  if (dot == 0 || dot == std::string_view::npos) return nullptr;
  std::array<char, 256> pattern;
  const auto rest = name.substr(dot);
  pattern[0] = '*';
  std::memcpy(pattern.data() + 1, rest.data(), rest.size());
  const auto wildcard = by_name_.find(std::string_view(pattern.data(), rest.size() + 1));
  return wildcard != by_name_.end() ? &wildcard->second : nullptr;
}

std::int32_t CertificateStore::fitting(const Pair& pair, const ClientHello& hello) const {
  if (pair.ecdsa >= 0 && can_check_ecdsa(hello, contexts_[static_cast<std::size_t>(pair.ecdsa)].kind)) {
    return pair.ecdsa;
  }
  return pair.rsa >= 0 && can_check_rsa(hello) ? pair.rsa : -1;
}

CertificateStore::Choice CertificateStore::choose(const ClientHello& hello) const {
  if (contexts_.empty()) return {};
  const auto* pair = hello.name_length != 0 ? named(hello.server_name()) : nullptr;
  auto index = pair ? fitting(*pair, hello) : -1;
  bool is_default = false;
  if (index < 0) {
    // A peer that cannot check this name's key may still take the default's: most senders check no name at
    // all.
    const auto other = fitting(default_, hello);
    is_default = other >= 0 || !pair;
    index = other;
    if (index < 0) index = pair ? std::max(pair->ecdsa, pair->rsa) : std::max(default_.ecdsa, default_.rsa);
  }
  const auto& held = contexts_[static_cast<std::size_t>(std::max(index, 0))];
  return {held.context.get(), held.kind, is_default};
}

}  // namespace postern::tls
