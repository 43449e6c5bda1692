// The MTA-STS policies in force: see the header.
#include "firmware/control/resolver/service/policy_memory.hpp"

namespace postern::resolver {

namespace {

// A domain that nobody wrote to for so long is not refreshed any longer.
constexpr Duration kInUse = std::chrono::hours(24 * 60);
// How exactly the disk knows when a domain was used last.
constexpr Duration kUsedGrain = std::chrono::hours(24);

}  // namespace

void PolicyBook::load(StoredPolicy policy) {
  auto domain = policy.domain;
  policies_.insert_or_assign(std::move(domain), std::move(policy));
  ++in_force_;
}

StsMemory PolicyBook::memory(const std::string& domain) const {
  const auto found = policies_.find(domain);
  return found == policies_.end() ? StsMemory{} : found->second.memory;
}

void PolicyBook::used(const std::string& domain, WallTime now) {
  const auto found = policies_.find(domain);
  if (found == policies_.end() || now - found->second.used < kUsedGrain) return;
  found->second.used = now;
  if (policy::in_force(found->second.memory.sts, now)) store_.keep_policy(found->second);
}

void PolicyBook::learned(const std::string& domain, const StsMemory& memory, WallTime now) {
  const bool holds = policy::in_force(memory.sts, now);
  const auto found = policies_.find(domain);
  if (!holds && memory.failed_at == WallTime::min()) {
    if (found == policies_.end()) return;
    policies_.erase(found);
    return store_.forget_policy(domain);
  }
  auto& known = found == policies_.end() ? policies_[domain] : found->second;
  const bool fresh = known.memory.sts.fetched != memory.sts.fetched || known.memory.sts.id != memory.sts.id;
  if (known.domain.empty()) {
    known.domain = domain;
    known.used = now;
  }
  known.memory = memory;
  if (holds && fresh) store_.keep_policy(known);
}

std::vector<std::string> PolicyBook::due(WallTime now, std::size_t most) const {
  std::vector<std::string> all;
  for (const auto& [domain, policy] : policies_) {
    if (all.size() == most) break;
    const auto& memory = policy.memory;
    const bool waits = memory.failed_at != WallTime::min() && now < memory.failed_at + times_.retry_failed;
    if (!policy::in_force(memory.sts, now) || now < memory.refresh_at || waits) continue;
    if (now - policy.used < kInUse) all.push_back(domain);
  }
  return all;
}

void PolicyBook::tidy(WallTime now) {
  in_force_ = 0;
  for (auto at = policies_.begin(); at != policies_.end();) {
    const auto& memory = at->second.memory;
    const bool holds = policy::in_force(memory.sts, now);
    in_force_ += holds ? 1u : 0u;
    const bool failed_lately =
        memory.failed_at != WallTime::min() && now < memory.failed_at + times_.retry_failed;
    at = holds || failed_lately ? std::next(at) : policies_.erase(at);
  }
}

}  // namespace postern::resolver
