// Certificates and keys on their way to the data plane: see the header.
#include "firmware/ipc/credentials.hpp"

#include <strings.h>

#include "firmware/ipc/codec.hpp"

namespace postern::ipc {

namespace {

constexpr std::uint32_t kMagic = 0x50534352;  // "PSCR"
constexpr std::size_t kMostPem = 16u << 20;
constexpr std::size_t kMostNames = 10'000;
constexpr std::size_t kMostCertificates = 1'000'000;

bool read_one(Reader& reader, Credential& credential) {
  const auto names = reader.number<std::uint32_t>();
  if (names > kMostNames) return false;
  for (std::uint32_t i = 0; i < names && !reader.failed(); ++i)
    credential.names.emplace_back(reader.text(255));
  credential.chain_pem = reader.text(kMostPem);
  credential.key_pem = reader.text(kMostPem);
  return !reader.failed();
}

bool read_signing_keys(Reader& reader, Credentials& credentials) {
  const auto count = reader.number<std::uint32_t>();
  if (count > kMostCertificates) return false;
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    SigningKey signing;
    signing.domain = reader.text(255);
    signing.selector = reader.text(255);
    signing.tls_reports_only = reader.number<std::uint32_t>() == 1;
    signing.key_pem = reader.text(kMostPem);
    credentials.signing_keys.push_back(std::move(signing));
  }
  return !reader.failed();
}

}  // namespace

void Credentials::wipe() {
  for (auto& certificate : certificates) {
    ::explicit_bzero(certificate.key_pem.data(), certificate.key_pem.size());
    certificate.key_pem.clear();
  }
  for (auto& signing : signing_keys) {
    ::explicit_bzero(signing.key_pem.data(), signing.key_pem.size());
    signing.key_pem.clear();
  }
}

std::vector<std::uint8_t> write_credentials(const Credentials& credentials) {
  Writer writer;
  writer.number(kMagic);
  writer.number(kCredentialsVersion);
  writer.text(credentials.trust_anchors_pem);
  writer.text(credentials.client_anchors_pem);
  writer.number(static_cast<std::uint32_t>(credentials.certificates.size()));
  for (const auto& certificate : credentials.certificates) {
    writer.number(static_cast<std::uint32_t>(certificate.names.size()));
    for (const auto& name : certificate.names) writer.text(name);
    writer.text(certificate.chain_pem);
    writer.text(certificate.key_pem);
  }
  writer.number(static_cast<std::uint32_t>(credentials.signing_keys.size()));
  for (const auto& signing : credentials.signing_keys) {
    writer.text(signing.domain);
    writer.text(signing.selector);
    writer.number(std::uint32_t{signing.tls_reports_only ? 1u : 0u});
    writer.text(signing.key_pem);
  }
  return writer.take();
}

Result<Credentials> read_credentials(Bytes block) {
  Reader reader(block);
  if (reader.number<std::uint32_t>() != kMagic || reader.number<std::uint32_t>() != kCredentialsVersion) {
    return fail("the credentials do not begin as credentials of this version do");
  }
  Credentials credentials;
  credentials.trust_anchors_pem = reader.text(kMostPem);
  credentials.client_anchors_pem = reader.text(kMostPem);
  const auto count = reader.number<std::uint32_t>();
  if (count > kMostCertificates) return fail("the credentials are more than can be");
  for (std::uint32_t i = 0; i < count; ++i) {
    Credential certificate;
    if (!read_one(reader, certificate)) {
      credentials.wipe();
      return fail("the credentials are cut short");
    }
    credentials.certificates.push_back(std::move(certificate));
  }
  if (!read_signing_keys(reader, credentials)) {
    credentials.wipe();
    return fail("the signing keys are cut short");
  }
  if (!reader.complete()) {
    credentials.wipe();
    return fail("the credentials are too long");
  }
  return credentials;
}

}  // namespace postern::ipc
