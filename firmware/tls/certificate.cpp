// See certificate.hpp.
#include "firmware/tls/certificate.hpp"

#include <algorithm>

namespace postern::tls {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// RFC 5280 §4.2.1.12.
bool serves(const Certificate& cert, Purpose purpose) {
  const int wanted = purpose == Purpose::server ? EXTKEYUSE_SERVER_AUTH : EXTKEYUSE_CLIENT_AUTH;
  return !cert->extExtKeyUsageSet || (cert->extExtKeyUsage & (wanted | EXTKEYUSE_ANY)) != 0;
}

// RFC 5280 §4.2.1.10: a base stands for itself and everything below it; the empty one for all names.
bool below_base(std::string_view name, std::string_view base) {
  if (base.starts_with('.')) base.remove_prefix(1);
  if (base.empty()) return true;
  if (name.size() < base.size() || !equal_but_for_case(name.substr(name.size() - base.size()), base))
    return false;
  return name.size() == base.size() || name[name.size() - base.size() - 1] == '.';
}

std::string_view text_of(const Base_entry& base) {
  return {base.name, static_cast<std::size_t>(base.nameSz)};
}

bool one_of(std::string_view name, const Base_entry* bases, bool otherwise) {
  bool any = false;
  for (const auto* base = bases; base != nullptr; base = base->next) {
    if (base->type != ASN_DNS_TYPE) continue;
    any = true;
    if (below_base(name, text_of(*base))) return true;
  }
  return !any && otherwise;
}

// No constraint on something else than DNS names that the leaf might fall under: its subject, and of a client
// its mailbox too.
bool only_dns(const Base_entry* bases, Purpose purpose) {
  for (const auto* base = bases; base != nullptr; base = base->next) {
    if (base->type == ASN_DIR_TYPE) return false;
    if (base->type != ASN_DNS_TYPE && purpose == Purpose::client) return false;
  }
  return true;
}

constexpr std::size_t kIdentityMost = 255;

bool is_printable(std::string_view text) {
  return !text.empty() && text.size() <= kIdentityMost &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string first_name(const DNS_entry* names, int type) {
  for (const auto* name = names; name != nullptr; name = name->next) {
    const std::string_view text(name->name, static_cast<std::size_t>(name->len));
    if (name->type == type && is_printable(text)) return std::string(text);
  }
  return {};
}

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// A DER element with a two-byte length, whatever its size needs: the library does not insist on the shortest.
std::vector<std::uint8_t> element(std::uint8_t tag, Bytes content) {
  std::vector<std::uint8_t> bytes{tag};
  if (content.size() < 0x80) {
    bytes.push_back(static_cast<std::uint8_t>(content.size()));
  } else if (content.size() < 0x100) {
    bytes.insert(bytes.end(), {0x81, static_cast<std::uint8_t>(content.size())});
  } else {
    bytes.insert(bytes.end(), {0x82, static_cast<std::uint8_t>(content.size() >> 8),
                               static_cast<std::uint8_t>(content.size())});
  }
  append(bytes, content);
  return bytes;
}

}  // namespace

Certificate::Certificate(Bytes der) {
  wc_InitDecodedCert(&cert_, der.data(), static_cast<word32>(der.size()), nullptr);
  good_ = wc_ParseCert(&cert_, CERT_TYPE, NO_VERIFY, nullptr) == 0;
}

bool same(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool weakly_signed(const Certificate& cert) {
  switch (cert->signatureOID) {
    case CTC_MD2wRSA:
    case CTC_MD5wRSA:
    case CTC_SHAwRSA:
    case CTC_SHAwDSA:
    case CTC_SHAwECDSA:
      return true;
    default:
      return false;
  }
}

Unmet leaf_unfit(const Certificate& leaf, Purpose purpose) {
  if (purpose == Purpose::server) {
    if (!serves(leaf, purpose)) return {Judgement::invalid, "the certificate is not for servers"};
    return {};
  }
  if (!serves(leaf, purpose)) return {Judgement::invalid, "the certificate is not for clients"};
  // RFC 5280 §4.2.1.3: the handshake's proof is a signature.
  if (leaf->extKeyUsageSet && (leaf->extKeyUsage & KEYUSE_DIGITAL_SIG) == 0) {
    return {Judgement::invalid, "the certificate's key may not sign"};
  }
  return {};
}

std::string identity_of(const Certificate& leaf) {
  // RFC 5280 §4.2.1.6.
  if (auto mailbox = first_name(leaf->altEmailNames, ASN_RFC822_TYPE); !mailbox.empty()) return mailbox;
  if (auto host = first_name(leaf->altNames, ASN_DNS_TYPE); !host.empty()) return host;
  if (leaf->subjectCN == nullptr || leaf->subjectCNLen <= 0) return {};
  const std::string_view common(leaf->subjectCN, static_cast<std::size_t>(leaf->subjectCNLen));
  return is_printable(common) ? std::string(common) : std::string();
}

bool bears_name(const Certificate& leaf, std::string_view host) {
  for (const auto* name = leaf->altNames; name != nullptr; name = name->next) {
    if (name->type == ASN_DNS_TYPE && name_matches({name->name, static_cast<std::size_t>(name->len)}, host)) {
      return true;
    }
  }
  return false;
}

Unmet issuer_unfit(const Certificate& issuer, std::size_t below, Purpose purpose) {
  if (!issuer->isCA) {
    return {Judgement::invalid, "a certificate in the chain is signed by one that is no CA"};
  }
  if (issuer->extKeyUsageSet && (issuer->extKeyUsage & KEYUSE_KEY_CERT_SIGN) == 0) {
    return {Judgement::invalid, "a CA certificate in the chain may not sign certificates"};
  }
  if (issuer->pathLengthSet && issuer->pathLength < below) {
    return {Judgement::invalid, "the certificate chain is longer than its issuer allows"};
  }
  if (!serves(issuer, purpose)) {
    return {Judgement::invalid, purpose == Purpose::server
                                    ? "a CA certificate in the chain is not for servers"
                                    : "a CA certificate in the chain is not for clients"};
  }
  return {};
}

bool names_allowed(const Certificate& issuer, const Certificate& leaf, Purpose purpose) {
  if (!issuer->extNameConstraintSet) return true;
  if (!only_dns(issuer->permittedNames, purpose) || !only_dns(issuer->excludedNames, purpose)) return false;
  for (const auto* name = leaf->altNames; name != nullptr; name = name->next) {
    if (name->type != ASN_DNS_TYPE) continue;
    const std::string_view text(name->name, static_cast<std::size_t>(name->len));
    if (!one_of(text, issuer->permittedNames, true) || one_of(text, issuer->excludedNames, false))
      return false;
  }
  return true;
}

bool signed_by(Bytes child, const Certificate& issuer) {
  if (!issuer.good() || issuer->publicKey == nullptr) return false;
  return wc_CheckCertSigPubKey(child.data(), static_cast<word32>(child.size()), nullptr, issuer->publicKey,
                               issuer->pubKeySize, static_cast<int>(issuer->keyOID)) == 0;
}

std::vector<std::uint8_t> certificate_around(Bytes subject_public_key_info) {
  // ecdsa-with-SHA256, and a signature that nobody checks.
  static constexpr std::uint8_t kAlgorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  static constexpr std::uint8_t kVersion3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
  static constexpr std::uint8_t kSerial[] = {0x02, 0x01, 0x01};
  // CN=k
  static constexpr std::uint8_t kName[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06,
                                           0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'k'};
  static constexpr std::string_view kTimes =
      "\x17\x0d"
      "200101000000Z"
      "\x17\x0d"
      "400101000000Z";
  static constexpr std::uint8_t kSignature[] = {0x03, 0x09, 0x00, 0x30, 0x06, 0x02,
                                                0x01, 0x01, 0x02, 0x01, 0x01};
  if (subject_public_key_info.size() > 0x8000) return {};
  std::vector<std::uint8_t> fields;
  append(fields, kVersion3);
  append(fields, kSerial);
  append(fields, kAlgorithm);
  append(fields, kName);
  append(fields, element(0x30, as_bytes(kTimes)));
  append(fields, kName);
  append(fields, subject_public_key_info);
  auto content = element(0x30, fields);
  append(content, kAlgorithm);
  append(content, kSignature);
  return element(0x30, content);
}

bool name_matches(std::string_view pattern, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (pattern.empty() || host.empty() || pattern.find('\0') != std::string_view::npos) return false;
  if (!pattern.starts_with("*.")) {
    return pattern.find('*') == std::string_view::npos && equal_but_for_case(pattern, host);
  }
  const auto dot = host.find('.');
  const auto rest = pattern.substr(1);
  // A wildcard right below the top, such as *.com, stands for nothing.
  if (dot == std::string_view::npos || dot == 0 || rest.find('.', 1) == std::string_view::npos) return false;
  return rest.find('*') == std::string_view::npos && equal_but_for_case(rest, host.substr(dot));
}

}  // namespace postern::tls
