// Certificates that people upload: see the header.
#include "firmware/control/keystore/pem/chain.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "firmware/control/keystore/pem/pem.hpp"
#include "firmware/tls/certificate.hpp"
#include "firmware/wire/address.hpp"

namespace postern::keystore {

namespace {

constexpr auto kSoon = std::chrono::hours(24 * 14);

struct Link {
  Secret der;
  std::unique_ptr<tls::Certificate> certificate;
  tls::CertificateParts parts;
};

std::string hex(Bytes bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  ::sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

std::string sha256(Bytes bytes) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  ::crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hex(hash);
}

std::optional<int> digits(Bytes text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// One Time at the front of `rest`, which it takes off. RFC 5280 §4.1.2.5.
std::optional<WallTime> take_time(Bytes& rest) {
  if (rest.size() < 2 || rest.size() < std::size_t{2} + rest[1]) return std::nullopt;
  const bool utc = rest[0] == 0x17;
  const Bytes text = rest.subspan(2, rest[1]);
  rest = rest.subspan(2 + text.size());
  const std::size_t year_digits = utc ? 2 : 4;
  auto year = digits(text, 0, year_digits);
  std::array<int, 5> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = digits(text, year_digits + 2 * i, 2);
    if (!year || !part) return std::nullopt;
    parts[i] = *part;
  }
  if (utc) *year += *year >= 50 ? 1900 : 2000;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(parts[0])),
                                         std::chrono::day(static_cast<unsigned>(parts[1])));
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(parts[2]) +
         std::chrono::minutes(parts[3]) + std::chrono::seconds(parts[4]);
}

bool read_validity(Bytes validity, CertificateFacts& facts) {
  if (validity.size() < 2 || validity[1] >= 0x80) return false;
  Bytes rest = validity.subspan(2);
  const auto from = take_time(rest);
  const auto until = take_time(rest);
  if (!from || !until) return false;
  facts.not_before = *from;
  facts.not_after = *until;
  return true;
}

// Certificates come from anywhere: nothing that would disturb a terminal gets into a text.
std::string plain(std::string_view text) {
  std::string out(text.substr(0, 255));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

void read_names(const tls::Certificate& certificate, CertificateFacts& facts) {
  for (const auto* name = certificate->altNames; name != nullptr; name = name->next) {
    const std::string_view text(name->name, static_cast<std::size_t>(name->len));
    if (name->type == ASN_DNS_TYPE) facts.names.push_back(plain(text));
  }
}

// One DER element with a short or two-byte length at the front of `bytes`, which it takes off.
std::optional<std::pair<std::uint8_t, Bytes>> take_element(Bytes& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto tag = bytes[0];
  std::size_t header = 2;
  std::size_t length = bytes[1];
  if (length == 0x81 || length == 0x82) {
    const std::size_t more = length - 0x80;
    if (bytes.size() < 2 + more) return std::nullopt;
    length = more == 1 ? bytes[2] : load_be<std::uint16_t>(bytes.data() + 2);
    header += more;
  } else if (length >= 0x80) {
    return std::nullopt;
  }
  if (length >= 0x10000 || bytes.size() - header < length) return std::nullopt;
  const Bytes content = bytes.subspan(header, length);
  bytes = bytes.subspan(header + length);
  return std::pair(tag, content);
}

// The library reads no addresses out of subjectAltName; they are shown to people, nothing hangs on them.
void read_addresses(Bytes der, CertificateFacts& facts) {
  static constexpr std::array<std::uint8_t, 5> kSubjectAltName{0x06, 0x03, 0x55, 0x1d, 0x11};
  const auto found = std::search(der.begin(), der.end(), kSubjectAltName.begin(), kSubjectAltName.end());
  Bytes rest = der.subspan(static_cast<std::size_t>(found - der.begin()));
  rest = rest.subspan(std::min(rest.size(), kSubjectAltName.size()));
  auto value = take_element(rest);
  if (value && value->first == 0x01) value = take_element(rest);  // critical
  if (!value || value->first != 0x04) return;
  const auto names = take_element(value->second);
  if (!names || names->first != 0x30) return;
  Bytes list = names->second;
  while (const auto name = take_element(list)) {
    if (name->first != 0x87) continue;
    if (name->second.size() == 4) facts.names.push_back(wire::IpAddress::v4(name->second.data()).text());
    if (name->second.size() == 16) facts.names.push_back(wire::IpAddress::v6(name->second.data()).text());
  }
}

std::optional<CertificateFacts> facts_of(const Link& link) {
  CertificateFacts facts;
  if (!read_validity(link.parts.validity, facts)) return std::nullopt;
  read_names(*link.certificate, facts);
  read_addresses(link.der.bytes(), facts);
  facts.subject = plain((*link.certificate)->subject);
  facts.issuer = plain((*link.certificate)->issuer);
  facts.self_signed = tls::same(link.parts.subject, link.parts.issuer);
  facts.fingerprint = sha256(link.der.bytes());
  facts.spki_sha256 = sha256(link.parts.subject_public_key_info);
  return facts;
}

Result<std::vector<Link>> read_links(std::string_view pem) {
  auto blocks = read_pem(pem);
  if (!blocks) return tl::unexpected(blocks.error());
  std::vector<Link> links;
  for (auto& block : *blocks) {
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE") continue;
    Link link;
    link.der = std::move(block.der);
    link.certificate = std::make_unique<tls::Certificate>(link.der.bytes());
    const auto parts = tls::certificate_parts(link.der.bytes());
    if (!link.certificate->good() || !parts) return fail("a certificate is damaged");
    link.parts = *parts;
    links.push_back(std::move(link));
  }
  if (links.empty()) return fail("there is no certificate");
  return links;
}

bool signs(const Link& issuer, const Link& child) {
  return tls::same(issuer.parts.subject, child.parts.issuer) &&
         tls::signed_by(child.der.bytes(), *issuer.certificate);
}

// The leaf, then each one's issuer, as far as they are there; what is left stays in `links`.
std::vector<Link> put_in_order(std::vector<Link>& links, std::size_t leaf) {
  std::vector<Link> chain;
  const auto take = [&](std::size_t at) {
    chain.push_back(std::move(links[at]));
    links.erase(links.begin() + static_cast<std::ptrdiff_t>(at));
  };
  take(leaf);
  while (!tls::same(chain.back().parts.subject, chain.back().parts.issuer)) {
    const auto next =
        std::find_if(links.begin(), links.end(), [&](const Link& link) { return signs(link, chain.back()); });
    if (next == links.end()) break;
    take(static_cast<std::size_t>(next - links.begin()));
  }
  return chain;
}

void judge_leaf(const Link& leaf, const CertificateFacts& facts, WallTime now, CheckedChain& checked) {
  if (facts.not_after < now) checked.faults.push_back("the certificate has expired");
  if (facts.not_before > now) checked.warnings.push_back("the certificate is not valid yet");
  if (facts.not_after >= now && facts.not_after < now + kSoon)
    checked.warnings.push_back("the certificate expires within two weeks");
  if (facts.names.empty()) checked.faults.push_back("the certificate has no subjectAltName: it names nobody");
  if (const auto unfit = tls::leaf_unfit(*leaf.certificate); unfit)
    checked.faults.push_back(std::string(unfit.reason));
  if (tls::weakly_signed(*leaf.certificate) && !facts.self_signed)
    checked.faults.push_back("the certificate is signed with MD5 or SHA-1, which nobody believes any more");
}

void judge_chain(const std::vector<Link>& chain, WallTime now, CheckedChain& checked) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const auto which = "certificate " + std::to_string(i + 1) + " of the chain ";
    if (const auto unfit = tls::issuer_unfit(*chain[i].certificate, i - 1); unfit)
      checked.faults.push_back(which + "cannot stand there: " + std::string(unfit.reason));
    if (tls::validity_at(chain[i].parts, now) == tls::Validity::expired)
      checked.faults.push_back(which + "has expired");
  }
  const auto& last = chain.back();
  if (chain.size() == 1 && !tls::same(last.parts.subject, last.parts.issuer))
    checked.warnings.push_back(
        "the issuer's certificate is missing: many will not be able to check this one");
}

}  // namespace

CheckedChain check_chain(std::string_view pem, Bytes public_info, WallTime now) {
  CheckedChain checked;
  auto links = read_links(pem);
  if (!links) {
    checked.faults.push_back(std::string(links.error().reason));
    return checked;
  }
  const auto leaf = std::find_if(links->begin(), links->end(), [&](const Link& link) {
    return tls::same(link.parts.subject_public_key_info, public_info);
  });
  if (leaf == links->end()) {
    checked.faults.push_back("the key does not fit the certificate");
    return checked;
  }
  const auto at = static_cast<std::size_t>(leaf - links->begin());
  if (at != 0) checked.warnings.push_back("the server's certificate was not the first; put in order");
  const auto chain = put_in_order(*links, at);
  for (const auto& link : *links)
    checked.warnings.push_back("does not belong to the chain, left out: " +
                               plain((*link.certificate)->subject));
  auto facts = facts_of(chain[0]);
  if (!facts) {
    checked.faults.push_back("the certificate's validity cannot be read");
    return checked;
  }
  facts->certificates = chain.size();
  judge_leaf(chain[0], *facts, now, checked);
  judge_chain(chain, now, checked);
  for (const auto& link : chain) checked.pem += write_pem("CERTIFICATE", link.der.bytes());
  checked.facts = std::move(*facts);
  return checked;
}

Result<CertificateFacts> read_chain(std::string_view pem) {
  const auto links = read_links(pem);
  if (!links) return tl::unexpected(links.error());
  auto facts = facts_of(links->front());
  if (!facts) return fail("the certificate's validity cannot be read");
  facts->certificates = links->size();
  return std::move(*facts);
}

}  // namespace postern::keystore
