// See rows.hpp. Read each list from the top.
#include "firmware/policy/decide/rows.hpp"

namespace postern::policy {
namespace {

using S = StsStanding;

// RFC 5321 §5.1, RFC 7505, RFC 7672 §2.1.1.
constexpr Row<DomainCase> kDomainRows[] = {
    {[](const DomainCase& c) { return c.domain.mx_security == Security::bogus; }, Insist::defer, "4.7.5",
     "the MX answer is bogus: DNSSEC validation failed"},
    {[](const DomainCase& c) { return c.domain.mx_security == Security::failed; }, Insist::defer, "4.4.3",
     "the MX question could not be answered"},
    {[](const DomainCase& c) { return c.domain.mx == MxKind::unknown; }, Insist::defer, "4.4.3",
     "the domain's mail servers are not known"},
    // RFC 7505 §4.1, RFC 3463: 5.1.10 is registered there.
    {[](const DomainCase& c) { return c.domain.mx == MxKind::null_mx; }, Insist::refuse, "5.1.10",
     "the domain takes no mail (null MX)"},
    {[](const DomainCase& c) { return c.domain.mx == MxKind::no_domain; }, Insist::refuse, "5.1.2",
     "the domain does not exist"},
    {[](const DomainCase& c) { return c.domain.mx == MxKind::no_host; }, Insist::refuse, "5.4.4",
     "the domain has neither MX nor address"},
    {[](const DomainCase& c) { return c.domain.hosts == 0; }, Insist::defer, "4.4.4",
     "no mail server of the domain can be used"},
    {[](const DomainCase&) { return true; }, Insist::ask_hosts, "", "each mail server has its own demand"},
};

// RFC 7672 §2.2.2.
constexpr Row<HostHead> kReachRows[] = {
    {[](const HostHead& h) { return h.security == HostSecurity::bogus; }, Insist::defer, "4.7.5",
     "the server's address is bogus: DNSSEC validation failed"},
    {[](const HostHead& h) { return h.security == HostSecurity::failed; }, Insist::defer, "4.4.3",
     "the server's address could not be looked up"},
    {[](const HostHead& h) { return h.addresses == 0; }, Insist::defer, "4.4.4", "the server has no address"},
};

// DESIGN §5; RFC 7672 §2.2, RFC 8461 §2 and §5.
constexpr Row<Case> kPromiseRows[] = {
    // A failed lookup may hide a promise: never in the clear, and never MTA-STS instead.
    {[](const Case& c) { return c.dane == Dane::bogus; }, Insist::defer, "4.7.5",
     "the TLSA answer is bogus: DNSSEC validation failed"},
    {[](const Case& c) { return c.dane == Dane::failed; }, Insist::defer, "4.7.5",
     "the TLSA question could not be answered"},
    {[](const Case& c) { return c.sts == S::unknown; }, Insist::defer, "4.7.5",
     "whether the domain has an MTA-STS policy could not be looked up"},
    // RFC 8461 §5: only hosts the policy lists.
    {[](const Case& c) { return c.sts == S::mismatch; }, Insist::defer, "4.7.5",
     "the MTA-STS policy does not list this server"},
    {[](const Case& c) { return c.dane == Dane::usable && c.sts == S::enforced; }, Insist::dane_and_pkix, "",
     "TLSA records and an enforced MTA-STS policy: both must hold"},
    {[](const Case& c) { return c.dane == Dane::usable; }, Insist::dane, "", "TLSA records: one must match"},
    {[](const Case& c) { return c.dane == Dane::unusable && c.sts == S::enforced; }, Insist::pkix, "",
     "no TLSA record is usable; MTA-STS is enforced: a valid certificate"},
    // RFC 7672 §2.2: TLS was promised, but not how to prove it.
    {[](const Case& c) { return c.dane == Dane::unusable; }, Insist::mandatory, "",
     "TLSA records, but none is usable: TLS with any certificate"},
    {[](const Case& c) { return c.sts == S::enforced; }, Insist::pkix, "",
     "MTA-STS is enforced: a valid certificate for the server's name"},
    {[](const Case& c) { return c.sts == S::testing_mismatch; }, Insist::opportunistic, "",
     "MTA-STS in mode testing does not list this server: reported only"},
    {[](const Case& c) { return c.sts == S::testing; }, Insist::opportunistic, "",
     "MTA-STS in mode testing: failures are reported only"},
    {[](const Case&) { return true; }, Insist::opportunistic, "",
     "the domain promises nothing: TLS where offered"},
};

bool mx_proven(const Case& c) {
  return c.domain.mx_security == Security::secure || c.sts == S::enforced;
}

// RFC 8689 §4.2.1: the server's name proven by DNSSEC or MTA-STS, its certificate by DANE or the web PKI.
constexpr Row<Case> kWishRows[] = {
    {[](const Case& c) { return !mx_proven(c); }, Insist::refuse, "5.7.30",
     "REQUIRETLS: neither DNSSEC nor an enforced MTA-STS policy vouches for the server's name"},
    {[](const Case& c) { return c.dane == Dane::usable; }, Insist::dane, "", "REQUIRETLS: a TLSA record must match"},
    {[](const Case&) { return true; }, Insist::pkix, "",
     "REQUIRETLS: a valid certificate for the server's name"},
};

}  // namespace

std::span<const Row<DomainCase>> domain_rows() {
  return kDomainRows;
}
std::span<const Row<HostHead>> reach_rows() {
  return kReachRows;
}
std::span<const Row<Case>> promise_rows() {
  return kPromiseRows;
}
std::span<const Row<Case>> wish_rows() {
  return kWishRows;
}

}  // namespace postern::policy
