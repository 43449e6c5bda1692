// See verify.hpp.
#include "firmware/tls/verify.hpp"

#include <sodium.h>

#include <algorithm>

#include "firmware/tls/dane.hpp"

namespace postern::tls {
namespace {

constexpr std::size_t kMaxPath = 8;

struct Cause {
  int error;
  Unmet unmet;
};
constexpr std::string_view kNoAnchor = "the certificate chain does not end at a trust anchor";
constexpr Cause kCauses[] = {
    {ASN_BEFORE_DATE_E, {Judgement::expired, "a certificate is not valid yet"}},
    {ASN_AFTER_DATE_E, {Judgement::expired, "a certificate has expired"}},
    {ASN_NO_SIGNER_E, {Judgement::not_trusted, kNoAnchor}},
    {ASN_SIG_CONFIRM_E, {Judgement::invalid, "a certificate's signature is wrong"}},
    {ASN_NAME_INVALID_E, {Judgement::invalid, "a name constraint of the issuer is violated"}},
    {ASN_PATHLEN_INV_E, {Judgement::invalid, "the certificate chain is longer than its issuer allows"}},
    {ASN_PATHLEN_SIZE_E, {Judgement::invalid, "the certificate chain is longer than its issuer allows"}},
};

Unmet cause_of(int error) {
  for (const auto& cause : kCauses) {
    if (cause.error == error) return cause.unmet;
  }
  return {Judgement::invalid, "a certificate in the chain cannot be verified"};
}

int check(WOLFSSL_CERT_MANAGER* manager, Bytes der) {
  return wolfSSL_CertManagerVerifyBuffer(manager, der.data(), static_cast<long>(der.size()),
                                         WOLFSSL_FILETYPE_ASN1);
}

// Extends the path from the leaf until an anchor vouches for its last certificate.
Unmet build_path(const Chain& chain, WOLFSSL_CERT_MANAGER* anchors, Chain& path) {
  path.push_back(chain.front());
  for (;;) {
    const int verdict = check(anchors, path.back());
    if (verdict == WOLFSSL_SUCCESS) return {};
    if (verdict != ASN_NO_SIGNER_E && verdict != ASN_SELF_SIGNED_E) return cause_of(verdict);
    const auto last = certificate_parts(path.back());
    if (!last || path.size() == kMaxPath) return cause_of(ASN_NO_SIGNER_E);
    const auto next = std::find_if(chain.begin() + 1, chain.end(), [&](Bytes candidate) {
      const auto parts = certificate_parts(candidate);
      return parts && same(parts->subject, last->issuer) &&
             std::none_of(path.begin(), path.end(), [&](Bytes used) { return same(used, candidate); });
    });
    if (next == chain.end()) return cause_of(ASN_NO_SIGNER_E);
    path.push_back(*next);
  }
}

// Checks every signature, date and constraint down the path; its top is already vouched for by an anchor.
Unmet walk_path(const Chain& path, Purpose purpose) {
  if (path.size() == 1) return {};
  const CertManager manager(wolfSSL_CertManagerNew());
  if (!manager) return {Judgement::invalid, "no memory to verify the certificate chain"};
  const Certificate leaf(path.front());
  for (std::size_t at = path.size() - 1; at > 0; --at) {
    const Certificate issuer(path[at]);
    if (!issuer.good()) return cause_of(0);
    if (const auto unfit = issuer_unfit(issuer, at - 1, purpose)) return unfit;
    // The library applies name constraints to what a CA signs itself, not further down.
    if (!names_allowed(issuer, leaf, purpose)) return cause_of(ASN_NAME_INVALID_E);
    if (weakly_signed(issuer)) {
      return {Judgement::invalid, "a certificate in the chain is signed with a broken hash"};
    }
    const int loaded = wolfSSL_CertManagerLoadCABuffer(
        manager.get(), path[at].data(), static_cast<long>(path[at].size()), WOLFSSL_FILETYPE_ASN1);
    if (loaded != WOLFSSL_SUCCESS) return cause_of(loaded);
    const int verdict = check(manager.get(), path[at - 1]);
    if (verdict != WOLFSSL_SUCCESS) return cause_of(verdict);
  }
  return {};
}

// From the leaf, which has been looked at, up to an anchor.
Unmet path_unmet(const Chain& chain, WOLFSSL_CERT_MANAGER* anchors, Purpose purpose) {
  Chain path;
  if (const auto missing = build_path(chain, anchors, path)) return missing;
  return walk_path(path, purpose);
}

Unmet client_unmet(const Certificate& leaf, const Chain& chain, WOLFSSL_CERT_MANAGER* anchors) {
  if (!leaf.good()) return {Judgement::invalid, "the certificate cannot be read"};
  if (!anchors) return {Judgement::not_trusted, "no authority for clients is configured"};
  if (const auto unfit = leaf_unfit(leaf, Purpose::client)) return unfit;
  if (weakly_signed(leaf)) return {Judgement::invalid, "the certificate is signed with a broken hash"};
  return path_unmet(chain, anchors, Purpose::client);
}

std::array<std::uint8_t, 32> sha256(Bytes bytes) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

Unmet web_pki_unmet(std::string_view name, const Chain& chain, WOLFSSL_CERT_MANAGER* anchors) {
  if (chain.empty()) return {Judgement::no_certificate, "the server sent no certificate"};
  if (!anchors) return {Judgement::not_trusted, "no trust anchors are configured"};
  const Certificate leaf(chain.front());
  if (!leaf.good()) return {Judgement::invalid, "the certificate cannot be read"};
  if (const auto unfit = leaf_unfit(leaf)) return unfit;
  if (!bears_name(leaf, name)) {
    return {Judgement::name_mismatch, "the certificate does not bear the server's name"};
  }
  if (weakly_signed(leaf)) return {Judgement::invalid, "the certificate is signed with a broken hash"};
  return path_unmet(chain, anchors, Purpose::server);
}

std::string_view pin_unmet(const ServerDemand& demand, const Chain& chain) {
  if (chain.empty()) return "the server sent no certificate";
  const auto parts = certificate_parts(chain.front());
  if (!parts) return "the certificate cannot be read";
  return sha256(parts->subject_public_key_info) == demand.spki_sha256
             ? std::string_view{}
             : "the server's key is not the pinned one";
}

// What one verdict leaves to be wished for; something, unless it says in so many words that it is met.
std::string_view wish_of(const Verdict& verdict) {
  if (verdict.judgement == Judgement::met) return {};
  return verdict.reason.empty() ? "the server was not judged" : verdict.reason;
}

std::string_view demand_unmet(const ServerDemand& demand, const Chain& chain, const Trial& trial) {
  switch (demand.kind) {
    case ServerDemand::Kind::unauthenticated:
      return {};
    case ServerDemand::Kind::pinned:
      return pin_unmet(demand, chain);
    case ServerDemand::Kind::web_pki:
      return wish_of(trial.web_pki);
    case ServerDemand::Kind::dane:
      return wish_of(trial.dane);
    case ServerDemand::Kind::dane_and_web_pki: {
      const auto dane = wish_of(trial.dane);
      return dane.empty() ? wish_of(trial.web_pki) : dane;
    }
  }
  return "this way to authenticate a server is not known";
}

}  // namespace

Trial try_chain(const ServerDemand& demand, const Chain& chain, WOLFSSL_CERT_MANAGER* anchors, WallTime now) {
  using Kind = ServerDemand::Kind;
  const bool both = demand.kind == Kind::dane_and_web_pki;
  Trial trial;
  if (both || demand.kind == Kind::dane || demand.also_judge_dane) {
    trial.dane = dane_verdict(demand, chain, now);
  }
  if (both || demand.kind == Kind::web_pki || demand.also_judge_web_pki) {
    const auto& name = demand.web_pki_name.empty() ? demand.server_name : demand.web_pki_name;
    const auto unmet = web_pki_unmet(name, chain, anchors);
    trial.web_pki = {unmet.judgement, unmet.reason, -1, -1};
  }
  trial.unmet = demand_unmet(demand, chain, trial);
  return trial;
}

ClientCertificate judge_client(const Chain& chain, WOLFSSL_CERT_MANAGER* anchors) {
  const Certificate leaf(chain.front());
  ClientCertificate client{.sent = true};
  const auto unmet = client_unmet(leaf, chain, anchors);
  client.verdict = {unmet.judgement, unmet.reason, -1, -1};
  if (leaf.good()) client.identity = identity_of(leaf);
  if (const auto parts = certificate_parts(chain.front())) {
    client.sha256 = sha256(chain.front());
    client.spki_sha256 = sha256(parts->subject_public_key_info);
  }
  return client;
}

}  // namespace postern::tls
