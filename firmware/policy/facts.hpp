// What is known of one recipient domain: who takes its mail, and what it promised about TLS.
//
// The resolver fills it in, the snapshot table carries it (encoding.hpp), decide/ turns it into a demand. It
// holds what was found, not what follows from it. Names are lower case A-labels without a final dot.
// RFC 5321 §5.1, RFC 7505, RFC 7672 §2, RFC 8461 §3.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/wire/address.hpp"
#include "platform/base/time.hpp"

namespace postern::policy {

// Of a DNS answer (RFC 4035 §4.3); `failed`: SERVFAIL, time-out, nonsense: it is not known.
enum class Security : std::uint8_t { secure, insecure, bogus, failed };

// Why something is not as one would wish.
struct Reason {
  std::string text;       // one line, lower case, no full stop; empty: nothing to say
  std::string extended;   // the extended DNS error's text (RFC 8914 §2), where one came
  std::int32_t ede = -1;  // its INFO-CODE; -1: none came
  bool operator==(const Reason&) const = default;
};

// What the MX question came to.
enum class MxKind : std::uint8_t {
  list,       // MX records; `hosts` has them
  implicit,   // none, but addresses: the domain is its own host (RFC 5321 §5.1)
  null_mx,    // "MX 0 .": takes no mail (RFC 7505 §3)
  no_domain,  // the name does not exist
  no_host,    // the name exists, but has neither MX nor addresses
  unknown,    // `mx_security` says bogus or failed, `mx_reason` why
};

// Of the host's own name and addresses. RFC 7672 §2.2.2–2.2.3.
enum class HostSecurity : std::uint8_t {
  secure,        // A or AAAA answer secure, the chain of CNAMEs to it too
  secure_alias,  // the name is a secure CNAME into an unsigned zone
  insecure,
  bogus,
  failed,
};

enum class TlsaState : std::uint8_t {
  not_asked,  // nothing to ask: MX or host insecure
  none,       // securely proven that there is none, or the answer was insecure
  records,    // secure; `tlsa` has them
  bogus,
  failed,
};

// A TLSA record as it came, usable or not. RFC 6698 §2.1.
struct Tlsa {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::vector<std::uint8_t> data;
  bool operator==(const Tlsa&) const = default;
};

struct Host {
  std::string name;      // as in the MX record: MTA-STS patterns are held against this
  std::string expanded;  // at the end of its CNAMEs; equal to `name` where there are none
  std::uint16_t preference = 0;
  HostSecurity security = HostSecurity::insecure;
  std::vector<wire::IpAddress> addresses;  // v6 and v4, as answered
  // An address family that could not be asked for: the other one's answer stands.
  Reason address_reason;
  // Under `_25._tcp.` of this name the records were found: it is also the SNI. RFC 7672 §2.2.3, §8.1.
  std::string tlsa_base;
  // What a certificate under usage 2 may be for: dane/names.hpp makes the list. RFC 7672 §3.2.2.
  std::vector<std::string> names;
  TlsaState tlsa_state = TlsaState::not_asked;
  Reason tlsa_reason;
  std::vector<Tlsa> tlsa;
  bool operator==(const Host&) const = default;
};

enum class StsMode : std::uint8_t { none, testing, enforce };  // RFC 8461 §3.2

enum class StsState : std::uint8_t {
  not_asked,  // MTA-STS is switched off
  absent,     // no record, or none that counts, or a first fetch that failed (`reason`, `fault`)
  policy,     // one is in force, fresh or from the cache; `reason` and `fault` where a refresh failed
  unknown,    // the TXT question could not be answered and no policy is cached
};

// What RFC 8460 §4.3.2.1 calls it, when a policy could not be had.
enum class StsFault : std::uint8_t { none, fetch_error, policy_invalid, webpki_invalid };

struct Sts {
  StsState state = StsState::not_asked;
  StsFault fault = StsFault::none;
  Reason reason;
  std::string id;  // of the TXT record under which the policy was fetched
  StsMode mode = StsMode::none;
  std::vector<std::string> mx;  // patterns
  std::uint32_t max_age = 0;    // seconds
  WallTime fetched{};           // max_age counts from here (RFC 8461 §3.2)
  WallTime expires{};
  std::string text;  // the policy as fetched, for reports
  bool operator==(const Sts&) const = default;
};

struct Facts {
  std::string domain;    // the recipients' domain
  std::string expanded;  // at the end of its CNAMEs; equal where there are none
  MxKind mx = MxKind::unknown;
  Security mx_security = Security::failed;
  Reason mx_reason;
  std::vector<Host> hosts;  // by preference, equal ones in the order of the answer
  Sts sts;
  WallTime learned{};
  WallTime expires{};  // to be asked for again after this; never later than sts.expires of a policy in force
  bool operator==(const Facts&) const = default;
};

}  // namespace postern::policy
