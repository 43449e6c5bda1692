// Certificates for tests, made when the test runs by the openssl command, and thrown away with it.
#pragma once

#include <string>
#include <vector>

#include "firmware/tls/session.hpp"

namespace postern::tls::test {

enum class Key { p256, p384, rsa };

// A certificate authority of its own.
class Authority {
 public:
  explicit Authority(const std::string& name = "Test CA");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  const std::string& pem() const { return pem_; }
  // A leaf for `names` (empty: bears the name default.test and is the default credential).
  Credential issue(const std::vector<std::string>& names, Key key, const std::string& extensions = {}) const;
  // An intermediate CA's certificate and key are kept; leaves of `below` come with it in the chain.
  Credential issue_below(const std::vector<std::string>& names, const std::string& ca_extensions) const;
  std::string directory() const { return directory_; }

 private:
  std::string run(const std::string& arguments) const;
  std::string make(const std::string& file, const std::string& signer, const std::string& subject, Key key,
                   const std::vector<std::string>& extensions) const;

  std::string directory_;
  std::string pem_;
};

// The program's shared authority, made once.
const Authority& authority();

// SHA-256 of the first certificate's SubjectPublicKeyInfo, worked out by openssl.
std::array<std::uint8_t, 32> spki_sha256(const Credential& credential);

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);
// What a shell command prints.
std::string output_of(const std::string& command);

}  // namespace postern::tls::test
