// See test_pki.hpp.
#include "tests/firmware/tls/test_pki.hpp"

#include <sodium.h>

#include <cstdlib>
#include <filesystem>

#include "tests/firmware/tls/conversation.hpp"

namespace postern::tls::test {

Pki::Pki() {
  std::string pattern = (std::filesystem::temp_directory_path() / "postern-pki-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
}

Pki::~Pki() {
  std::filesystem::remove_all(directory_);
}

void Pki::make(const Make& what) {
  std::string extensions;
  for (const auto& extension : what.extensions) extensions += extension + "\\n";
  const auto key = what.name + ".key";
  const auto request = "request-" + what.name + std::to_string(std::hash<std::string>{}(what.subject));
  pending_ += "[ -f " + key + " ] || openssl ecparam -name prime256v1 -genkey -noout -out " + key + "\n";
  pending_ += "[ -f " + request + " ] || openssl req -new -key " + key + " -subj '/CN=" + what.subject +
              "' -out " + request + "\n";
  pending_ += "rm -f " + what.name + ".pem\n";
  pending_ += "printf '" + extensions + "' > extensions\n";
  pending_ += "openssl x509 -req -in " + request + " -extfile extensions " + what.digest + " -set_serial " +
              std::to_string(1 + pending_.size() % 1000) + " " + what.dates +
              (what.signer.empty() ? " -signkey " + key
                                   : " -CA " + what.signer + ".pem -CAkey " + what.signer + ".key") +
              " -out " + what.name + ".pem\n";
}

void Pki::run() {
  if (pending_.empty()) return;
  write_file(directory_ + "/make.sh", pending_);
  output_of("cd " + directory_ + " && sh make.sh 2>> log");
  pending_.clear();
}

// openssl could do it, at the price of one more start.
Der Pki::take(const std::string& name) {
  run();
  const auto text = read_file(directory_ + "/" + name + ".pem");
  const auto begin = text.find('\n');
  const auto end = text.find("-----END");
  if (begin == std::string::npos || end == std::string::npos) return {};
  Der der(text.size());
  std::size_t length = 0;
  sodium_base642bin(der.data(), der.size(), text.data() + begin, end - begin, "\n", &length, nullptr,
                    sodium_base64_VARIANT_ORIGINAL);
  der.resize(length);
  return der;
}

Pki& shared_pki() {
  static Pki shared;
  return shared;
}

std::vector<std::string> ca_extensions(const std::vector<std::string>& more) {
  std::vector<std::string> all{"basicConstraints = critical,CA:TRUE"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<std::string> leaf_extensions(const std::string& host, const std::vector<std::string>& more) {
  std::vector<std::string> all{"basicConstraints = CA:FALSE", "subjectAltName = DNS:" + host};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TlsaRecord record(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching, const Der& certificate) {
  const auto parts = certificate_parts(certificate);
  Der object = certificate;
  if (selector == 1 && parts) {
    object.assign(parts->subject_public_key_info.begin(), parts->subject_public_key_info.end());
  }
  if (matching == 0) return {usage, selector, matching, object};
  Der digest(matching == 1 ? crypto_hash_sha256_BYTES : crypto_hash_sha512_BYTES);
  if (matching == 1) crypto_hash_sha256(digest.data(), object.data(), object.size());
  if (matching == 2) crypto_hash_sha512(digest.data(), object.data(), object.size());
  return {usage, selector, matching, digest};
}

Verdict judge(const std::vector<Der>& chain, const std::vector<TlsaRecord>& records,
              const std::vector<std::string>& names, std::chrono::hours shift) {
  static Counters counters;
  static const auto core = make_core({}, counters);  // starts the library
  ServerDemand demand;
  demand.tlsa = records;
  demand.tlsa_names = names;
  return dane_verdict(demand, Chain(chain.begin(), chain.end()), wall_now() + shift);
}

}  // namespace postern::tls::test
