// See decide.hpp: the order of the lists, and what a decision means for reports.
#include "firmware/policy/decide/decide.hpp"

#include <algorithm>

#include "firmware/policy/decide/rows.hpp"

namespace postern::policy {
namespace {

template <typename Subject>
const Row<Subject>* first_of(std::span<const Row<Subject>> rows, const Subject& subject) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.applies(subject); });
  return row == rows.end() ? nullptr : &*row;
}

template <typename Subject>
void apply(Demand& demand, const Row<Subject>& row) {
  demand.insist = row.insist;
  demand.status = row.status;
  demand.reason = row.reason;
}

std::int64_t nanoseconds(WallTime at) {
  return at.time_since_epoch().count();
}

// Whether TLSA records of this host may count. RFC 7672 §2.1.1, §2.2.
bool dane_applies(const DomainHead& domain, const HostHead& host, const Settings& settings) {
  const bool host_proven =
      host.security == HostSecurity::secure || host.security == HostSecurity::secure_alias;
  return settings.dane && host_proven &&
         (domain.mx_security == Security::secure || settings.dane_insecure_mx);
}

Dane dane_of(const DomainHead& domain, const HostHead& host, const Settings& settings) {
  if (!dane_applies(domain, host, settings)) return Dane::none;
  switch (host.tlsa) {
    case TlsaState::none:
      return Dane::none;
    case TlsaState::records:
      return host.tlsa_usable > 0 ? Dane::usable : Dane::unusable;
    case TlsaState::bogus:
      return Dane::bogus;
    case TlsaState::failed:
      return Dane::failed;
    case TlsaState::not_asked:
      break;
  }
  // Should have been asked, but was not: nothing is known. With an insecure MX the asking is an option.
  return domain.mx_security == Security::secure ? Dane::failed : Dane::none;
}

StsStanding sts_of(const DomainHead& domain, const HostHead& host, const Settings& settings, WallTime now) {
  if (!settings.mta_sts) return StsStanding::none;
  if (domain.sts == StsState::unknown) return StsStanding::unknown;
  if (domain.sts == StsState::absent) {
    const bool announced = domain.sts_fault == StsFault::fetch_error ||
                           domain.sts_fault == StsFault::webpki_invalid ||
                           domain.sts_fault == StsFault::policy_invalid;
    return announced && settings.wait_for_first_sts_policy ? StsStanding::unknown : StsStanding::none;
  }
  if (domain.sts != StsState::policy || nanoseconds(now) >= domain.sts_expires) return StsStanding::none;
  switch (domain.sts_mode) {
    case StsMode::enforce:
      return host.sts_match ? StsStanding::enforced : StsStanding::mismatch;
    case StsMode::testing:
      return host.sts_match ? StsStanding::testing : StsStanding::testing_mismatch;
    case StsMode::none:
      break;
  }
  return StsStanding::none;
}

// What reports say of DANE if it goes no further. RFC 8460 §4.3.1, §4.3.2.2.
Finding dane_finding(const DomainHead& domain, const HostHead& host, Dane dane) {
  if (domain.mx_security == Security::bogus) {
    return {PolicyType::tlsa, ResultType::dnssec_invalid, "mx-bogus"};
  }
  if (host.security == HostSecurity::bogus) {
    return {PolicyType::tlsa, ResultType::dnssec_invalid, "address-bogus"};
  }
  switch (dane) {
    case Dane::none:
      return {};
    case Dane::usable:
      return {PolicyType::tlsa, ResultType::success, ""};
    case Dane::unusable:
      return {PolicyType::tlsa, ResultType::tlsa_invalid, "all-unusable-records"};
    case Dane::failed:
      return {PolicyType::tlsa, ResultType::tlsa_invalid, "tlsa-lookup-failed"};
    case Dane::bogus:
      return {PolicyType::tlsa, ResultType::dnssec_invalid, "tlsa-bogus"};
  }
  return {};
}

ResultType result_of(StsFault fault) {
  switch (fault) {
    case StsFault::fetch_error:
      return ResultType::sts_policy_fetch_error;
    case StsFault::policy_invalid:
      return ResultType::sts_policy_invalid;
    case StsFault::webpki_invalid:
      return ResultType::sts_webpki_invalid;
    case StsFault::none:
      break;
  }
  return ResultType::success;
}

// And of MTA-STS. RFC 8460 §4.3.2.1.
Finding sts_finding(const DomainHead& domain, StsStanding standing) {
  switch (standing) {
    case StsStanding::unknown:
      return {PolicyType::sts, ResultType::sts_policy_fetch_error, "txt-lookup-failed"};
    case StsStanding::mismatch:
    case StsStanding::testing_mismatch:
      return {PolicyType::sts, ResultType::validation_failure, "mtasts-policy-mx-mismatch"};
    case StsStanding::none:
      if (domain.sts != StsState::absent || domain.sts_fault == StsFault::none) return {};
      return {PolicyType::sts, result_of(domain.sts_fault), "no-policy-cached"};
    default:
      return {PolicyType::sts, result_of(domain.sts_fault),
              domain.sts_fault == StsFault::none ? "" : "cached-policy-used"};
  }
}

constexpr bool proves(Insist insist) {
  return insist >= Insist::dane;
}

// The stronger of two demands; DANE and the web PKI together are more than either.
Insist joined(Insist a, Insist b) {
  const bool dane = a == Insist::dane || b == Insist::dane;
  const bool pkix = a == Insist::pkix || b == Insist::pkix;
  return dane && pkix ? Insist::dane_and_pkix : std::max(a, b);
}

void raise(Demand& demand, Insist least, Dane dane, std::string_view reason) {
  if (!demand.may_deliver()) return;
  if (proves(least) && least != Insist::pkix && dane != Dane::usable) {
    // RFC 8460 §4.3.2.2.
    demand.insist = Insist::defer;
    demand.status = "4.7.5";
    demand.reason = "DANE is asked for, but the server has no usable TLSA records";
    demand.dane = {PolicyType::tlsa, ResultType::dane_required, "no-usable-records"};
    return;
  }
  const auto both = joined(demand.insist, least);
  if (both == demand.insist) return;
  demand.insist = both;
  demand.reason = reason;
}

bool counts(const Override* rule, WallTime now) {
  return rule != nullptr && now < rule->expires && rule->insist >= Insist::plaintext;
}

void apply_instead(Demand& demand, const Override& rule, Dane dane) {
  demand.overridden = true;
  demand.insist = std::min(rule.insist, Insist::mandatory);
  demand.status = "";
  demand.reason = "the operator's rule for this destination, whatever the domain promises";
  if (proves(rule.insist)) raise(demand, rule.insist, dane, demand.reason);
}

void apply_require_tls(Demand& demand, const Case& subject) {
  demand.require_tls_extension = true;
  const auto* row = first_of(wish_rows(), subject);
  if (row->insist == Insist::refuse) {
    apply(demand, *row);
  } else {
    raise(demand, row->insist, subject.dane, row->reason);
  }
}

void apply_rules(Demand& demand, const Case& subject, const Override* rule, WallTime now) {
  raise(demand, subject.settings.at_least, subject.dane, "our own least demand for every destination");
  if (!counts(rule, now)) return;
  if (rule->kind == Override::Kind::instead) return apply_instead(demand, *rule, subject.dane);
  const auto before = demand.insist;
  raise(demand, rule->insist, subject.dane, "the operator's least demand for this destination");
  demand.overridden = demand.insist != before;
}

// RFC 8689 §3 and §5: the sender wants delivery before protection; TLS is still used where it is offered.
constexpr std::string_view kTlsRequiredNo = "the message says TLS-Required: No";

}  // namespace

std::string_view name_of(Insist insist) {
  static constexpr std::string_view kNames[] = {"refuse",    "defer",         "ask hosts",
                                                "plaintext", "opportunistic", "mandatory",
                                                "dane",      "pkix",          "dane and pkix"};
  return kNames[static_cast<std::size_t>(insist)];
}

Demand decide_domain(const DomainHead& domain, const MessageWishes&, const Settings&) {
  Demand demand;
  apply(demand, *first_of(domain_rows(), DomainCase{domain}));
  demand.dane = dane_finding(domain, {}, Dane::none);
  return demand;
}

Demand decide(const DomainHead& domain, const HostHead& host, const MessageWishes& message,
              const Override* override_of_domain, const Settings& settings, WallTime now) {
  auto demand = decide_domain(domain, message, settings);
  if (demand.insist != Insist::ask_hosts) return demand;
  const Case subject{
      domain, host, message, settings, dane_of(domain, host, settings), sts_of(domain, host, settings, now)};
  demand.dane = dane_finding(domain, host, subject.dane);
  demand.sts = sts_finding(domain, subject.sts);
  if (const auto* row = first_of(reach_rows(), host)) {
    apply(demand, *row);
    return demand;
  }
  if (message.tls_required_no && !message.require_tls) {
    demand.insist = Insist::opportunistic;
    demand.reason = kTlsRequiredNo;
    if (settings.own_demand_stands) apply_rules(demand, subject, override_of_domain, now);
    return demand;
  }
  apply(demand, *first_of(promise_rows(), subject));
  demand.test_pkix = subject.sts == StsStanding::testing;
  apply_rules(demand, subject, override_of_domain, now);
  if (message.require_tls && demand.insist != Insist::defer) apply_require_tls(demand, subject);
  return demand;
}

Names names_for(const Demand& demand, const FactsView& facts, std::size_t host) {
  const auto name = facts.host_name(host);
  const auto base = facts.host_tlsa_base(host);
  return {demand.needs_dane() && !base.empty() ? base : name, name};
}

}  // namespace postern::policy
