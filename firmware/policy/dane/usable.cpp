// See usable.hpp.
#include "firmware/policy/dane/usable.hpp"

#include <algorithm>
#include <string>

namespace postern::policy {
namespace {

constexpr std::size_t kSha256 = 32;
constexpr std::size_t kSha512 = 64;
constexpr std::size_t kLeastFull = 32;  // no key and no certificate is shorter

// A DER SEQUENCE whose length fills the data exactly: a certificate and a SubjectPublicKeyInfo both are one.
bool is_sequence(Bytes der) {
  if (der.size() < kLeastFull || der[0] != 0x30) return false;
  if (der[1] < 0x80) return std::size_t{2} + der[1] == der.size();
  const std::size_t octets = der[1] & 0x7f;
  if (octets == 0 || octets > 3) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < octets; ++i) length = length << 8 | der[2 + i];
  return 2 + octets + length == der.size();
}

}  // namespace

std::string_view unusable(const TlsaView& record) {
  // RFC 7672 §3.1.3: no agreed set of roots exists for PKIX-TA(0) and PKIX-EE(1).
  if (record.usage == 0 || record.usage == 1) return "usage is not for SMTP";
  if (record.usage > 3) return "usage is unknown";
  if (record.selector > 1) return "selector is unknown";
  switch (record.matching) {
    case 0:
      return is_sequence(record.data) ? "" : "the data is neither a certificate nor a key";
    case 1:
      return record.data.size() == kSha256 ? "" : "the data is no SHA-256 digest";
    case 2:
      return record.data.size() == kSha512 ? "" : "the data is no SHA-512 digest";
    default:
      return "matching type is unknown";
  }
}

std::string_view unusable(const Tlsa& record) {
  return unusable(TlsaView{record.usage, record.selector, record.matching, record.data});
}

std::vector<std::size_t> employed(std::span<const TlsaView> records) {
  // The matching types' numbers happen to be in the order of the digests' strength.
  std::uint8_t strongest[4][2] = {};
  for (const auto& record : records) {
    if (!unusable(record).empty()) continue;
    auto& best = strongest[record.usage][record.selector];
    best = std::max(best, record.matching);
  }
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& record = records[i];
    if (!unusable(record).empty()) continue;
    if (record.matching == 0 || record.matching == strongest[record.usage][record.selector])
      kept.push_back(i);
  }
  return kept;
}

std::vector<TlsaView> employed(const FactsView& facts, std::size_t host) {
  std::vector<TlsaView> all;
  for (std::size_t i = 0; i < facts.host(host).tlsa_records; ++i) all.push_back(facts.host_tlsa(host, i));
  std::vector<TlsaView> kept;
  for (const auto index : employed(all)) kept.push_back(all[index]);
  return kept;
}

std::string text_of(const TlsaView& record) {
  static constexpr char kDigits[] = "0123456789abcdef";
  auto text = std::to_string(record.usage) + ' ' + std::to_string(record.selector) + ' ' +
              std::to_string(record.matching) + ' ';
  for (const auto octet : record.data) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

}  // namespace postern::policy
