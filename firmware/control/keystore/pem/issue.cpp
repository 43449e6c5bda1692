// Certificates and requests made here: see the header.
#include "firmware/control/keystore/pem/issue.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "firmware/control/keystore/pem/der.hpp"
#include "firmware/control/keystore/pem/pem.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "firmware/wire/address.hpp"

namespace postern::keystore {

namespace {

using Oid = std::array<std::uint8_t, 5>;  // of X.520 attributes and certificate extensions: 2.5.x.y

constexpr Oid kCommonName{0x06, 0x03, 0x55, 0x04, 0x03};
constexpr Oid kOrganization{0x06, 0x03, 0x55, 0x04, 0x0a};
constexpr Oid kSubjectKeyId{0x06, 0x03, 0x55, 0x1d, 0x0e};
constexpr Oid kKeyUsage{0x06, 0x03, 0x55, 0x1d, 0x0f};
constexpr Oid kSubjectAltName{0x06, 0x03, 0x55, 0x1d, 0x11};
constexpr Oid kBasicConstraints{0x06, 0x03, 0x55, 0x1d, 0x13};
constexpr Oid kExtendedKeyUsage{0x06, 0x03, 0x55, 0x1d, 0x25};
constexpr std::array<std::uint8_t, 10> kServerAuth{0x06, 0x08, 0x2b, 0x06, 0x01,
                                                   0x05, 0x05, 0x07, 0x03, 0x01};
// PKCS #9 extensionRequest, 1.2.840.113549.1.9.14.
constexpr std::array<std::uint8_t, 11> kExtensionRequest{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                         0xf7, 0x0d, 0x01, 0x09, 0x0e};
constexpr std::array<std::uint8_t, 3> kTrue{0x01, 0x01, 0xff};
constexpr std::array<std::uint8_t, 3> kVersion3{kDerInteger, 0x01, 0x02};
constexpr std::array<std::uint8_t, 3> kVersion1{kDerInteger, 0x01, 0x00};
constexpr std::array<std::uint8_t, 4> kDigitalSignature{kDerBitString, 0x02, 0x07, 0x80};
constexpr std::uint8_t kDnsName = 0x82;    // [2] IA5String
constexpr std::uint8_t kIpAddress = 0x87;  // [7] OCTET STRING
constexpr std::size_t kMostNames = 100;
constexpr std::size_t kMostCommonName = 64;

Der attribute(const Oid& oid, std::string_view value) {
  const auto text = der_element(kDerUtf8String, as_bytes(value));
  return der_element(kDerSet, {der_element(kDerSequence, {Bytes(oid), Bytes(text)})});
}

// A name too long for the subject stands in subjectAltName alone: RFC 5280 appendix A, ub-common-name.
Der subject(std::string_view name, std::string_view organization) {
  Der parts;
  if (!organization.empty()) parts = attribute(kOrganization, organization);
  if (name.size() <= kMostCommonName) parts = der_join({Bytes(parts), attribute(kCommonName, name)});
  return der_element(kDerSequence, Bytes(parts));
}

Der alternative_name(const std::string& name) {
  const auto address = wire::IpAddress::parse(name);
  if (!address) return der_element(kDnsName, as_bytes(name));
  return der_element(kIpAddress, address->is_v4() ? Bytes(address->v4_bytes(), 4) : Bytes(address->bytes));
}

Der extension(const Oid& oid, bool critical, Bytes value) {
  return der_element(kDerSequence,
                     {Bytes(oid), critical ? Bytes(kTrue) : Bytes(), der_element(kDerOctetString, value)});
}

Der alternative_names(const std::vector<std::string>& names) {
  Der all;
  for (const auto& name : names) all = der_join({Bytes(all), alternative_name(name)});
  return extension(kSubjectAltName, false, der_element(kDerSequence, Bytes(all)));
}

Der key_identifier(Bytes public_info) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  ::crypto_hash_sha256(hash.data(), public_info.data(), public_info.size());
  return extension(kSubjectKeyId, false, der_element(kDerOctetString, Bytes(hash).first(20)));
}

// RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime after.
Der time(WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  const int year = static_cast<int>(date.year());
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u%02d%02d%02dZ", year,
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  const std::string_view all(text.data());
  return year < 2050 ? der_element(kDerUtcTime, as_bytes(all.substr(2)))
                     : der_element(kDerGeneralizedTime, as_bytes(all));
}

// RFC 5280 §4.1.2.2: positive, not zero, unlike any other.
Der serial_number() {
  std::array<std::uint8_t, 16> number{};
  ::randombytes_buf(number.data(), number.size());
  number[0] = static_cast<std::uint8_t>((number[0] & 0x7f) | 0x40);
  return der_element(kDerInteger, number);
}

std::string wrong_names(const std::vector<std::string>& names) {
  if (names.empty()) return "at least one name is needed";
  if (names.size() > kMostNames) return "at most 100 names fit";
  for (const auto& name : names) {
    if (auto wrong = wrong_name(name); !wrong.empty()) return wrong;
  }
  return "";
}

Result<std::string, Fault> signed_pem(PrivateKey& key, std::string_view label, const Der& content) {
  const auto signature = key.sign(content);
  if (!signature) return fault(std::string(signature.error().reason));
  return write_pem(
      label, der_element(kDerSequence, {Bytes(content), key.signature_algorithm(), der_bits(*signature)}));
}

}  // namespace

std::string wrong_name(std::string_view name) {
  if (wire::IpAddress::parse(name)) return "";
  auto rest = name;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) >= 0x80)
      return "\"" + std::string(name) + "\" has to be written in its ASCII form, as xn--...";
  }
  if (!ipc::is_domain(rest)) return "\"" + std::string(name) + "\" is neither a domain name nor an address";
  return "";
}

Result<std::string, Fault> self_signed(PrivateKey& key, const std::vector<std::string>& names, int days,
                                       WallTime now) {
  if (auto wrong = wrong_names(names); !wrong.empty()) return fault(wrong);
  if (days < 1 || days > kMostCertificateDays) return fault("days has to be from 1 to 3650");
  const auto info = key.public_info();
  const auto who = subject(names[0], {});
  // An hour back, for clocks that are late.
  const auto validity = der_element(
      kDerSequence, {time(now - std::chrono::hours(1)), time(now + std::chrono::hours(24) * days)});
  const auto usage = der_element(kDerSequence, Bytes(kServerAuth));
  const auto nothing = der_element(kDerSequence, Bytes());  // cA is FALSE by default
  const auto extensions = der_element(
      kDerSequence,
      {extension(kBasicConstraints, true, nothing), extension(kKeyUsage, true, kDigitalSignature),
       extension(kExtendedKeyUsage, false, usage), alternative_names(names), key_identifier(info)});
  const auto content =
      der_element(kDerSequence, {der_element(kDerContext, Bytes(kVersion3)), serial_number(),
                                 key.signature_algorithm(), Bytes(who), Bytes(validity), Bytes(who),
                                 Bytes(info), der_element(kDerContext + 3, Bytes(extensions))});
  return signed_pem(key, "CERTIFICATE", content);
}

Result<std::string, Fault> make_request(PrivateKey& key, const std::vector<std::string>& names,
                                        std::string_view organization) {
  if (auto wrong = wrong_names(names); !wrong.empty()) return fault(wrong);
  if (organization.size() > kMostCommonName) return fault("organization has at most 64 bytes");
  const auto extensions = der_element(kDerSequence, {alternative_names(names)});
  const auto request =
      der_element(kDerSequence, {Bytes(kExtensionRequest), der_element(kDerSet, Bytes(extensions))});
  const auto content =
      der_element(kDerSequence, {Bytes(kVersion1), subject(names[0], organization), key.public_info(),
                                 der_element(kDerContext, Bytes(request))});
  return signed_pem(key, "CERTIFICATE REQUEST", content);
}

}  // namespace postern::keystore
