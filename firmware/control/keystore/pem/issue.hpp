// Certificates and requests made here: self-made certificates, and requests for others to sign.
// RFC 5280 §4.1, §4.2.1; RFC 2986 §4; RFC 2985 §5.4.2.
#pragma once

#include <string>
#include <vector>

#include "firmware/control/keystore/pem/private_key.hpp"
#include "platform/base/time.hpp"

namespace postern::keystore {

inline constexpr int kMostCertificateDays = 3650;

// What is wrong with a name in a certificate; empty: nothing. Domain names (A-labels, "*." allowed) and
// addresses.
std::string wrong_name(std::string_view name);

// PEM. `names`: the first one is the subject's; all are subjectAltName.
Result<std::string, Fault> self_signed(PrivateKey& key, const std::vector<std::string>& names, int days,
                                       WallTime now);
Result<std::string, Fault> make_request(PrivateKey& key, const std::vector<std::string>& names,
                                        std::string_view organization);

}  // namespace postern::keystore
