// Certificates that people upload: whether they fit the key and each other, and what is in them.
// RFC 5280 §4.1, §6.1; RFC 8446 §4.4.2 (the server's own certificate first, each next one certifies it).
#pragma once

#include <string>
#include <vector>

#include "firmware/control/keystore/memory/secret.hpp"
#include "platform/base/time.hpp"

namespace postern::keystore {

struct CertificateFacts {
  std::vector<std::string> names;  // subjectAltName: domain names and addresses
  std::string subject;
  std::string issuer;
  bool self_signed = false;
  WallTime not_before{};
  WallTime not_after{};
  std::string fingerprint;  // SHA-256 of the certificate, hex
  std::string spki_sha256;  // SHA-256 of the SubjectPublicKeyInfo, hex: what TLSA 3 1 1 says
  std::size_t certificates = 0;
};

struct CheckedChain {
  std::string pem;  // in order, without what does not belong
  CertificateFacts facts;
  std::vector<std::string> faults;
  std::vector<std::string> warnings;
};

// `public_info`: the SubjectPublicKeyInfo of the key it has to fit.
CheckedChain check_chain(std::string_view pem, Bytes public_info, WallTime now);
// Of a chain that was checked when it came in.
Result<CertificateFacts> read_chain(std::string_view pem);

}  // namespace postern::keystore
