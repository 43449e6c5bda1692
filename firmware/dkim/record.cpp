#include "firmware/dkim/record.hpp"

namespace postern::dkim {

std::string key_record(const Key& key, Service service) {
  const bool rsa = key.algorithm() == Algorithm::rsa_sha256;
  return std::string("v=DKIM1; k=") + (rsa ? "rsa" : "ed25519") +
         (service == Service::tls_reports ? "; s=tlsrpt" : "") + "; p=" + key.public_text();
}

std::string zone_line(std::string_view domain, std::string_view selector, const Key& key, Service service) {
  constexpr std::size_t kPiece = 255;
  std::string line = std::string(selector) + "._domainkey." + std::string(domain) + ". IN TXT (";
  const auto record = key_record(key, service);
  for (std::size_t at = 0; at < record.size(); at += kPiece) line += " \"" + record.substr(at, kPiece) + "\"";
  return line + " )";
}

}  // namespace postern::dkim
