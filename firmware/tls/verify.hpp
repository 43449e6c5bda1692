// Whether a server we connect to is the one that was demanded, and what a client's certificate is worth.
// Everything is worked out here from the certificates' DER, after RFC 5280 §6 and RFC 9525 §6; the library's
// own opinion during the handshake is not used.
#pragma once

#include <string_view>

#include "firmware/tls/certificate.hpp"

namespace postern::tls {

// What each way of authentication came to, and what is missing from the demand; empty where it is met.
struct Trial {
  Verdict dane;
  Verdict web_pki;
  std::string_view unmet;  // static text
};

Trial try_chain(const ServerDemand& demand, const Chain& chain, WOLFSSL_CERT_MANAGER* anchors, WallTime now);

// A client's chain (not empty), held against our authorities for clients; `anchors` may be null. Names are not
// judged: whom it stands for is for the caller to say.
ClientCertificate judge_client(const Chain& chain, WOLFSSL_CERT_MANAGER* anchors);

}  // namespace postern::tls
