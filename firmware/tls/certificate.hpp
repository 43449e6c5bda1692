// One certificate as the library reads it, and what it may be used for. RFC 5280 §4.2, §6.1; RFC 9525 §6.3.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "firmware/tls/certificate_der.hpp"
#include "firmware/tls/session.hpp"
#include "firmware/tls/wolfssl.hpp"

namespace postern::tls {

using Chain = std::vector<Bytes>;  // leaf first, as the server sent it

// Why a demand is not met; `met` where it is. Static text.
struct Unmet {
  Judgement judgement = Judgement::met;
  std::string_view reason;

  explicit operator bool() const { return judgement != Judgement::met; }
};

// Parsed, not verified. The bytes must outlive it.
class Certificate {
 public:
  explicit Certificate(Bytes der);
  ~Certificate() { wc_FreeDecodedCert(&cert_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  bool good() const { return good_; }
  const DecodedCert* operator->() const { return &cert_; }

 private:
  DecodedCert cert_;
  bool good_ = false;
};

bool same(Bytes a, Bytes b);

// RFC 9155 §2 and the web PKI's own rules: no MD5 or SHA-1 signatures below the anchor.
bool weakly_signed(const Certificate& cert);
// What a certificate is used for. RFC 5280 §4.2.1.12.
enum class Purpose : std::uint8_t { server, client };

// May stand for a server or a client, as far as its key usages say.
Unmet leaf_unfit(const Certificate& leaf, Purpose purpose = Purpose::server);
// RFC 9525 §6.3: only subjectAltName counts, never the common name.
bool bears_name(const Certificate& leaf, std::string_view host);
// What a CA certificate in the chain must be, `below` CA certificates standing between it and the leaf.
Unmet issuer_unfit(const Certificate& issuer, std::size_t below, Purpose purpose = Purpose::server);
// Every DNS name of the leaf is allowed by the issuer's constraints. RFC 5280 §4.2.1.10. Constraints that are
// not looked into here, and might concern the leaf, allow nothing.
bool names_allowed(const Certificate& issuer, const Certificate& leaf, Purpose purpose = Purpose::server);
// Whom a client's certificate names (see ClientCertificate); printable ASCII, or empty.
std::string identity_of(const Certificate& leaf);

// The child's signature was made with that key. `issuer` may be a certificate made by certificate_around().
bool signed_by(Bytes child, const Certificate& issuer);
// A certificate that says nothing but holds the key: the library takes keys from certificates only.
std::vector<std::uint8_t> certificate_around(Bytes subject_public_key_info);

// Whether a certificate's DNS name stands for a host: equal but for case, or with a wildcard as the whole
// leftmost label for exactly one label. RFC 9525 §6.3.
bool name_matches(std::string_view pattern, std::string_view host);

}  // namespace postern::tls
