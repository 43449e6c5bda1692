// The key record that goes into the DNS at <selector>._domainkey.<domain>. RFC 6376 §3.6.1, RFC 8463 §4.
#pragma once

#include <string>
#include <string_view>

#include "firmware/dkim/key.hpp"

namespace postern::dkim {

// "v=DKIM1; k=rsa; p=...", which is good for all mail; or with "s=tlsrpt" for a key that signs TLS reports
// only, whose receivers may insist on finding that service type (RFC 8460 §3). A list of both is left out:
// some verifiers take it for a fault.
std::string key_record(const Key& key, Service service);

// The same as a line of a zone file, cut into strings of at most 255 bytes (RFC 1035 §3.3.14).
std::string zone_line(std::string_view domain, std::string_view selector, const Key& key, Service service);

}  // namespace postern::dkim
