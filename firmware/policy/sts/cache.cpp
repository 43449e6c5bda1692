// See cache.hpp.
#include "firmware/policy/sts/cache.hpp"

#include <algorithm>

namespace postern::policy {
namespace {

Sts fetched_policy(const StsAnswer& answer, const Sts& cached, const StsFetch& fetch, WallTime now) {
  return {.state = StsState::policy,
          .fault = StsFault::none,
          .reason = {},
          // A refresh while the record is away keeps the id under which the policy was found.
          .id = answer.kind == StsAnswer::Kind::record ? answer.id : cached.id,
          .mode = fetch.policy.mode,
          .mx = fetch.policy.mx,
          .max_age = fetch.policy.max_age,
          .fetched = now,
          .expires = now + std::chrono::seconds(fetch.policy.max_age),
          .text = fetch.text};
}

// RFC 8461 §3.3, §5.1: the old policy holds; why it could not be replaced is told.
Sts still(const Sts& cached, const StsAnswer& answer, const StsFetch* fetch) {
  Sts sts = cached;
  sts.fault = fetch ? fetch->fault : StsFault::none;
  if (fetch) {
    sts.reason = fetch->reason;
  } else if (answer.kind != StsAnswer::Kind::record) {
    sts.reason = answer.reason;
  }
  return sts;
}

Sts without_policy(const StsAnswer& answer, const StsFetch* fetch) {
  Sts sts;
  sts.reason = answer.reason;
  switch (answer.kind) {
    case StsAnswer::Kind::failed:
      sts.state = StsState::unknown;
      break;
    case StsAnswer::Kind::absent:
      sts.state = StsState::absent;
      break;
    case StsAnswer::Kind::invalid:
      sts.state = StsState::absent;
      sts.fault = StsFault::policy_invalid;
      break;
    case StsAnswer::Kind::record:
      // RFC 8461 §3.3: nothing is cached and nothing can be had.
      sts.state = StsState::absent;
      sts.id = answer.id;
      sts.fault = fetch ? fetch->fault : StsFault::fetch_error;
      if (fetch) sts.reason = fetch->reason;
      break;
  }
  return sts;
}

}  // namespace

bool in_force(const Sts& sts, WallTime now) {
  return sts.state == StsState::policy && now < sts.expires;
}

WallTime sts_refresh_at(const Sts& sts, const StsTimes& times, std::uint32_t random) {
  const Duration half = std::chrono::seconds(sts.max_age) / 2;
  const Duration after = std::min<Duration>(times.refresh, half);
  return sts.fetched + after - after / 10 * (random % 1000) / 1000;
}

bool sts_fetch_due(const Sts& cached, const StsAnswer& answer, const StsTimes& times, WallTime refresh_at,
                   WallTime failed_at, std::string_view failed_id, WallTime now) {
  const bool holding = in_force(cached, now);
  const bool announced = answer.kind == StsAnswer::Kind::record;
  const bool changed = announced && (!holding || answer.id != cached.id);
  // A policy in force is refreshed ahead of its end, announced or not: RFC 8461 §10.2 lets nobody end it by
  // hiding the record.
  const bool stale = holding && now >= refresh_at;
  if (!changed && !stale) return false;
  const bool new_id = changed && answer.id != failed_id;
  return new_id || failed_at == WallTime::min() || now >= failed_at + times.retry_failed;
}

Sts sts_after(const Sts& cached, const StsAnswer& answer, const StsFetch* fetch, WallTime now) {
  if (fetch && fetch->fault == StsFault::none) return fetched_policy(answer, cached, *fetch, now);
  return in_force(cached, now) ? still(cached, answer, fetch) : without_policy(answer, fetch);
}

}  // namespace postern::policy
