// What becomes of a cached policy: when to fetch, and what is in force after the answers came. Pure rules;
// memory and fetching are the resolver's. RFC 8461 §3.1, §3.3, §5.1, §10.2.
//
// What always holds: a policy that was fetched stays in force until max_age after its last fetch over HTTPS,
// whatever becomes of the TXT record, the policy host or the text it serves now.
#pragma once

#include <string>

#include "firmware/policy/facts.hpp"
#include "firmware/policy/sts/policy.hpp"
#include "platform/base/time.hpp"

namespace postern::policy {

// What the TXT question at _mta-sts came to.
struct StsAnswer {
  enum class Kind : std::uint8_t {
    record,   // `id`
    absent,   // no record
    invalid,  // a record, but none that counts
    failed,   // time-out, SERVFAIL, bogus: it is not known whether there is one
  } kind = Kind::failed;
  std::string id;
  Reason reason;
};

// What a fetch came to.
struct StsFetch {
  StsFault fault = StsFault::none;  // none: `policy` and `text` are what was fetched
  Reason reason;
  StsPolicy policy;
  std::string text;
};

struct StsTimes {
  Duration refresh = std::chrono::hours(24);        // fetched again this long after a fetch ...
  Duration retry_failed = std::chrono::minutes(5);  // RFC 8461 §3.3: not sooner after a failed fetch
};

bool in_force(const Sts& sts, WallTime now);

// When the policy is to be fetched again although nothing changed: after `refresh`, or half of max_age where
// that is sooner, each by up to a tenth earlier. `random`: any number, so that not all refreshes meet.
WallTime sts_refresh_at(const Sts& sts, const StsTimes& times, std::uint32_t random);

// Whether to fetch now. `cached`: what is remembered, in whatever state. `failed_at`: of the last fetch, if
// it failed; WallTime::min() otherwise. `failed_id`: the id it was for.
bool sts_fetch_due(const Sts& cached, const StsAnswer& answer, const StsTimes& times, WallTime refresh_at,
                   WallTime failed_at, std::string_view failed_id, WallTime now);

// What is in force after the answer and, where one was made, the fetch.
Sts sts_after(const Sts& cached, const StsAnswer& answer, const StsFetch* fetch, WallTime now);

}  // namespace postern::policy
