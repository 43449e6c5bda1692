// What TLS we insist on towards one host of a recipient's domain, and why: one value, made in one place.
//
// A pure function: same facts, message, settings and time, same demand. The rows are in rows.cpp, in the
// order in which they are asked; each has its reason. A failed or forged lookup never lowers a demand: it
// defers. RFC 7672 §2, RFC 8461 §5, RFC 8689 §4, RFC 8460 §4.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firmware/policy/encoding.hpp"
#include "firmware/policy/facts.hpp"
#include "firmware/policy/tlsrpt/result.hpp"
#include "platform/base/time.hpp"

namespace postern::policy {

// In rising order where an order makes sense: from `plaintext` on a later one asks for more than an earlier
// one, but for `dane` and `pkix`, which are two ways to prove the same.
enum class Insist : std::uint8_t {
  refuse,         // never: bounce with `status`
  defer,          // not over this host now: try the next one; no host left: the mail waits
  ask_hosts,      // of a domain only: nothing stands against it, each host has its own demand
  plaintext,      // STARTTLS is not tried (override only)
  opportunistic,  // TLS where offered, whatever certificate; else in the clear
  mandatory,      // TLS, whatever certificate
  dane,           // TLS, TLSA records match
  pkix,           // TLS, certificate valid in the web PKI for the MX host's name
  dane_and_pkix,  // both
};

std::string_view name_of(Insist insist);

// What the operator says about one destination, until it expires by itself.
struct Override {
  enum class Kind : std::uint8_t {
    instead,   // this, whatever the domain promised
    at_least,  // what the domain promised, but not less than this
  } kind = Kind::at_least;
  Insist insist = Insist::mandatory;  // plaintext and opportunistic only with `instead`
  WallTime expires = WallTime::max();
  std::string reason;
};

// What the message itself asks for. RFC 8689 §2 and §3.
struct MessageWishes {
  bool require_tls = false;      // REQUIRETLS was given with MAIL
  bool tls_required_no = false;  // "TLS-Required: No", and no REQUIRETLS
};

struct Settings {
  bool dane = true;
  bool mta_sts = true;
  // TLSA records count though the MX answer was insecure (the resolver asks for them only if told so too).
  bool dane_insecure_mx = false;
  // A domain that announces MTA-STS, but whose first policy fetch failed, waits instead of going
  // opportunistic. RFC 8461 §3.3 says it should go; nothing was promised to us yet.
  bool wait_for_first_sts_policy = false;
  Insist at_least = Insist::opportunistic;  // for everybody: opportunistic, mandatory or pkix
  // What the operator demands (at_least, overrides) holds though the message says TLS-Required: No.
  bool own_demand_stands = false;
};

// How a failure is worded in a report, where the demand itself is one (RFC 8460 §4.3).
struct Finding {
  PolicyType policy = PolicyType::no_policy_found;
  ResultType result = ResultType::success;
  std::string_view code;  // failure-reason-code; static text
};

// Trivially copyable; texts are static.
struct Demand {
  Insist insist = Insist::defer;
  std::string_view reason;  // why; one line, for trace and log
  std::string_view status;  // of refuse and defer: "5.1.10", "4.7.5"
  // The host must offer REQUIRETLS after STARTTLS, else 5.7.30. RFC 8689 §4.2.1.
  bool require_tls_extension = false;
  // The web PKI is judged too, and a failure is reported, but not held against the host: MTA-STS in mode
  // testing, RFC 8461 §5.
  bool test_pkix = false;
  bool overridden = false;  // the operator's override decided: `Override::reason` says why
  // What both policies come to before the connection; success: the handshake decides.
  Finding dane;
  Finding sts;

  // True where STARTTLS must succeed before MAIL.
  bool needs_tls() const { return insist >= Insist::mandatory; }
  bool needs_dane() const { return insist == Insist::dane || insist == Insist::dane_and_pkix; }
  bool needs_pkix() const { return insist == Insist::pkix || insist == Insist::dane_and_pkix; }
  bool may_deliver() const { return insist > Insist::ask_hosts; }
};

// Of the domain alone: refuse, defer, or ask_hosts.
Demand decide_domain(const DomainHead& domain, const MessageWishes& message, const Settings& settings);
// Of one host; includes what decide_domain says.
Demand decide(const DomainHead& domain, const HostHead& host, const MessageWishes& message,
              const Override* override_of_domain, const Settings& settings, WallTime now);

// The name to send as SNI and the one the web PKI's certificate must bear, for a host under a demand.
// RFC 7672 §8.1: the TLSA base domain where DANE is used; RFC 8461 §4.1: the MX host's name.
struct Names {
  std::string_view sni;
  std::string_view pkix;
};
Names names_for(const Demand& demand, const FactsView& facts, std::size_t host);

}  // namespace postern::policy
