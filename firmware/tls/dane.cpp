// See dane.hpp.
#include "firmware/tls/dane.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>

namespace postern::tls {
namespace {

constexpr std::size_t kMostPath = 8;
constexpr std::uint8_t kTrustAnchor = 2;
constexpr std::uint8_t kEndEntity = 3;

enum Selector : std::uint8_t { kWhole = 0, kKey = 1 };

bool equals_digest(Bytes object, const TlsaRecord& record) {
  std::array<std::uint8_t, crypto_hash_sha512_BYTES> digest;
  const std::size_t length = record.matching == 1 ? crypto_hash_sha256_BYTES : crypto_hash_sha512_BYTES;
  if (record.matching == 1) {
    crypto_hash_sha256(digest.data(), object.data(), object.size());
  } else {
    crypto_hash_sha512(digest.data(), object.data(), object.size());
  }
  return same(Bytes(digest).first(length), record.data);
}

// RFC 6698 §2.1.2 and §2.1.3.
bool record_matches(const TlsaRecord& record, Bytes certificate, const CertificateParts& parts) {
  if (record.selector > kKey || record.data.empty()) return false;
  const auto object = record.selector == kWhole ? certificate : parts.subject_public_key_info;
  switch (record.matching) {
    case 0:
      return same(object, record.data);
    case 1:
    case 2:
      return equals_digest(object, record);
    default:
      return false;
  }
}

std::optional<std::size_t> match(const ServerDemand& demand, std::uint8_t usage, Bytes certificate) {
  const auto parts = certificate_parts(certificate);
  if (!parts) return std::nullopt;
  for (std::size_t i = 0; i < demand.tlsa.size(); ++i) {
    if (demand.tlsa[i].usage == usage && record_matches(demand.tlsa[i], certificate, *parts)) return i;
  }
  return std::nullopt;
}

Unmet unfit_by_date(const CertificateParts& parts, WallTime now) {
  switch (validity_at(parts, now)) {
    case Validity::valid:
      return {};
    case Validity::not_yet:
      return {Judgement::expired, "a certificate is not valid yet"};
    case Validity::expired:
      return {Judgement::expired, "a certificate has expired"};
    case Validity::unreadable:
      break;
  }
  return {Judgement::invalid, "a certificate's dates cannot be read"};
}

// The search for a path from the leaf to a trust anchor of usage 2.
class PathSearch {
 public:
  PathSearch(const ServerDemand& demand, const Chain& chain, WallTime now)
      : demand_(demand), chain_(chain), now_(now), leaf_(chain.front()) {}

  Verdict run() {
    if (!leaf_.good()) return verdict({Judgement::invalid, "the certificate cannot be read"});
    if (const auto unfit = leaf_in_itself()) return verdict(unfit);
    path_.push_back(chain_.front());
    if (climb()) return {Judgement::met, "", record_, depth_};
    return verdict(worst_ ? worst_
                          : Unmet{Judgement::no_match, "no TLSA record matches the certificate chain"});
  }

 private:
  Verdict verdict(const Unmet& unmet) const { return {unmet.judgement, unmet.reason, -1, -1}; }

  // What does not depend on the path.
  Unmet leaf_in_itself() const {
    const auto parts = certificate_parts(chain_.front());
    if (!parts) return {Judgement::invalid, "the certificate cannot be read"};
    if (const auto unfit = unfit_by_date(*parts, now_)) return unfit;
    if (const auto unfit = leaf_unfit(leaf_)) return unfit;
    if (weakly_signed(leaf_)) return {Judgement::invalid, "the certificate is signed with a broken hash"};
    // RFC 7672 §3.2.2.
    const bool named = std::any_of(demand_.tlsa_names.begin(), demand_.tlsa_names.end(),
                                   [&](const std::string& name) { return bears_name(leaf_, name); });
    return named ? Unmet{}
                 : Unmet{Judgement::name_mismatch, "the certificate does not bear the server's name"};
  }

  bool found(std::size_t record, std::ptrdiff_t depth) {
    record_ = static_cast<std::int16_t>(record);
    depth_ = static_cast<std::int16_t>(depth);
    return true;
  }

  bool checks_signature(Bytes child, const Certificate& issuer) {
    return signatures_++ < kMostSignatures && signed_by(child, issuer);
  }

  // An issuer above the path as it stands, whoever vouches for it.
  bool accepts(Bytes issuer) {
    const Certificate parsed(issuer);
    const auto parts = certificate_parts(issuer);
    if (!parsed.good() || !parts || !checks_signature(path_.back(), parsed)) return false;
    Unmet unfit = issuer_unfit(parsed, path_.size() - 1);
    if (!unfit) unfit = unfit_by_date(*parts, now_);
    if (!unfit && !names_allowed(parsed, leaf_)) {
      unfit = {Judgement::invalid, "a name constraint of the issuer is violated"};
    }
    if (unfit) worst_ = unfit;
    return !unfit;
  }

  bool is_anchor(Bytes top) {
    const auto record = match(demand_, kTrustAnchor, top);
    if (!record) return false;
    // RFC 7671 §5.2: the leaf is its own trust anchor only where it signed itself.
    if (path_.size() == 1) {
      const auto parts = certificate_parts(top);
      if (!parts || !same(parts->subject, parts->issuer) || !checks_signature(top, leaf_)) return false;
    }
    return found(*record, static_cast<std::ptrdiff_t>(path_.size()) - 1);
  }

  // RFC 7671 §5.2.2 and §5.2.3: the record holds the anchor itself, which the server need not send.
  bool anchored_by_record(const CertificateParts& top) {
    for (std::size_t i = 0; i < demand_.tlsa.size(); ++i) {
      const auto& record = demand_.tlsa[i];
      if (record.usage != kTrustAnchor || record.matching != 0) continue;
      if (record.selector == kKey) {
        const auto around = certificate_around(record.data);
        const Certificate holder(around);
        if (holder.good() && checks_signature(path_.back(), holder)) return found(i, -1);
      } else if (record.selector == kWhole) {
        const auto parts = certificate_parts(record.data);
        if (parts && same(parts->subject, top.issuer) && accepts(record.data)) return found(i, -1);
      }
    }
    return false;
  }

  // The path's last certificate has been accepted. Goes up until one is vouched for; the signatures left
  // bound the work.
  bool climb() {
    const auto top = certificate_parts(path_.back());
    if (!top) return false;
    if (is_anchor(path_.back()) || anchored_by_record(*top)) return true;
    if (path_.size() == kMostPath) return false;
    const Certificate parsed(path_.back());
    if (!parsed.good() || weakly_signed(parsed)) return false;
    for (const auto& candidate : chain_) {
      const auto parts = certificate_parts(candidate);
      const bool used =
          std::any_of(path_.begin(), path_.end(), [&](Bytes other) { return same(other, candidate); });
      if (used || !parts || !same(parts->subject, top->issuer) || !accepts(candidate)) continue;
      path_.push_back(candidate);
      if (climb()) return true;
      path_.pop_back();
    }
    return false;
  }

  const ServerDemand& demand_;
  const Chain& chain_;
  WallTime now_;
  Certificate leaf_;
  Chain path_;
  int signatures_ = 0;
  Unmet worst_;  // the last thing that was wrong with an issuer that did sign
  std::int16_t record_ = -1;
  std::int16_t depth_ = -1;
};

}  // namespace

Verdict dane_verdict(const ServerDemand& demand, const Chain& chain, WallTime now) {
  if (chain.empty()) return {Judgement::no_certificate, "the server sent no certificate"};
  // RFC 7671 §5.1: usage 3 needs neither names nor dates; the handshake has proven the key.
  if (const auto record = match(demand, kEndEntity, chain.front())) {
    return {Judgement::met, "", static_cast<std::int16_t>(*record), 0};
  }
  const bool anchors = std::any_of(demand.tlsa.begin(), demand.tlsa.end(),
                                   [](const TlsaRecord& record) { return record.usage == kTrustAnchor; });
  if (!anchors) return {Judgement::no_match, "no TLSA record matches the server's certificate"};
  return PathSearch(demand, chain, now).run();
}

}  // namespace postern::tls
