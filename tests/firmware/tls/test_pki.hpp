// Chains of certificates for tests of DANE: a root, two CAs below it and a leaf, made by the openssl command,
// with or without key identifiers; and whatever else a test asks for.
#pragma once

#include <string>
#include <vector>

#include "firmware/tls/dane.hpp"

namespace postern::tls::test {

using Der = std::vector<std::uint8_t>;

inline constexpr const char* kHost = "mail.example.com";

// A directory with keys; certificates are made one by one.
class Pki {
 public:
  Pki();
  ~Pki();
  Pki(const Pki&) = delete;
  Pki& operator=(const Pki&) = delete;

  struct Make {
    std::string name;     // of the certificate: NAME.pem, NAME.key (P-256, made where there is none)
    std::string subject;  // common name
    std::string signer;   // NAME of the certificate that signs; empty: itself
    std::vector<std::string> extensions;
    std::string dates = "-days 30";
    std::string digest = "-sha256";
  };
  // Nothing is made before take() is asked for the first one: openssl is started as seldom as possible.
  void make(const Make& what);
  Der take(const std::string& name);

 private:
  void run();
  std::string directory_;
  std::string pending_;
};

// The program's: keys and requests are made once for each name, certificates anew.
Pki& shared_pki();

std::vector<std::string> ca_extensions(const std::vector<std::string>& more = {});
std::vector<std::string> leaf_extensions(const std::string& host = kHost,
                                         const std::vector<std::string>& more = {});

// The record that names this object.
TlsaRecord record(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching, const Der& certificate);

// The verdict on a chain, now or at another time.
Verdict judge(const std::vector<Der>& chain, const std::vector<TlsaRecord>& records,
              const std::vector<std::string>& names = {kHost}, std::chrono::hours shift = {});

}  // namespace postern::tls::test
