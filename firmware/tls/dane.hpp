// Whether a server's chain matches one of the TLSA records of its host. RFC 6698 §2.1, RFC 7671 §5, RFC 7672
// §3.
//
// Usage 3: the leaf and nothing else; names and dates do not matter. Usage 2: a path of valid signatures,
// dates and constraints from the leaf up to the trust anchor, which stands in the chain, in the record, or is
// a bare key; and the leaf bears one of the names. Records of other usages match nothing. Which records are
// usable, and which of several digests count, is settled by whoever hands them in (firmware/policy/dane).
#pragma once

#include "firmware/tls/certificate.hpp"

namespace postern::tls {

// At most kMostSignatures are checked for one chain, however it is built: a server could else keep us busy.
inline constexpr int kMostSignatures = 16;

Verdict dane_verdict(const ServerDemand& demand, const Chain& chain, WallTime now);

}  // namespace postern::tls
