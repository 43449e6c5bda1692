// See test_credentials.hpp.
#include "tests/firmware/tls/test_credentials.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace postern::tls::test {
namespace {

const char* key_arguments(Key key) {
  switch (key) {
    case Key::p256:
      return "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
    case Key::p384:
      return "-newkey ec -pkeyopt ec_paramgen_curve:P-384";
    default:
      return "-newkey rsa:2048";
  }
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string output_of(const std::string& command) {
  std::string text;
  auto* pipe = popen(command.c_str(), "r");
  if (!pipe) return text;
  std::array<char, 4096> part;
  for (std::size_t n; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), n);
  pclose(pipe);
  return text;
}

Authority::Authority(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / "postern-tls-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
  pem_ = make("ca", "", name, Key::p256,
              {"basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"});
}

Authority::~Authority() {
  std::filesystem::remove_all(directory_);
}

std::string Authority::run(const std::string& arguments) const {
  return output_of("cd " + directory_ + " && openssl " + arguments + " 2>>log");
}

// Makes FILE.key and FILE.pem; self-signed where there is no signer.
std::string Authority::make(const std::string& file, const std::string& signer, const std::string& subject,
                            Key key, const std::vector<std::string>& extensions) const {
  std::string arguments = "req -x509 -nodes -sha256 -days 300 " + std::string(key_arguments(key)) +
                          " -keyout " + file + ".key -out " + file + ".pem -subj '/CN=" + subject + "'";
  if (!signer.empty()) arguments += " -CA " + signer + ".pem -CAkey " + signer + ".key";
  for (const auto& extension : extensions) arguments += " -addext \"" + extension + "\"";
  run(arguments);
  return read_file(directory_ + "/" + file + ".pem");
}

Credential Authority::issue(const std::vector<std::string>& names, Key key,
                            const std::string& extensions) const {
  std::string alternatives;
  for (const auto& name : names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  if (names.empty()) alternatives = "DNS:default.test";
  std::vector<std::string> all{"subjectAltName=" + alternatives, "basicConstraints=critical,CA:FALSE"};
  if (!extensions.empty()) all.push_back(extensions);
  const auto subject = names.empty()                    ? "default.test"
                       : names.front().starts_with("*") ? "wildcard"
                                                        : names.front();
  const auto chain = make("leaf", "ca", subject, key, all);
  return {names, chain, read_file(directory_ + "/leaf.key")};
}

Credential Authority::issue_below(const std::vector<std::string>& names,
                                  const std::string& ca_extensions) const {
  const auto middle = make("middle", "ca", "Middle CA", Key::p256, {ca_extensions});
  std::string alternatives = "subjectAltName=DNS:" + names.front();
  const auto leaf =
      make("leaf", "middle", names.front(), Key::p256, {alternatives, "basicConstraints=critical,CA:FALSE"});
  return {names, leaf + middle, read_file(directory_ + "/leaf.key")};
}

const Authority& authority() {
  static const Authority shared;
  return shared;
}

std::array<std::uint8_t, 32> spki_sha256(const Credential& credential) {
  const auto file = authority().directory() + "/pin.pem";
  write_file(file, credential.chain_pem);
  const auto digest =
      output_of("openssl x509 -in " + file +
                " -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary");
  std::array<std::uint8_t, 32> hash{};
  std::copy_n(digest.begin(), std::min(digest.size(), hash.size()), hash.begin());
  return hash;
}

}  // namespace postern::tls::test
