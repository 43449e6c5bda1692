// The parts of an X.509 certificate that have to be compared byte for byte, as views into it. RFC 5280 §4.1.
#pragma once

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::tls {

struct CertificateParts {
  Bytes issuer;  // the Name with its header
  Bytes subject;
  Bytes subject_public_key_info;  // with its header: what RFC 6698 and pins hash
  Bytes validity;                 // with its header
};

Result<CertificateParts> certificate_parts(Bytes der);

// Where a time stands to a certificate's validity; `unreadable` where that is none. RFC 5280 §4.1.2.5.
enum class Validity : std::uint8_t { valid, not_yet, expired, unreadable };
Validity validity_at(const CertificateParts& parts, WallTime now);

}  // namespace postern::tls
