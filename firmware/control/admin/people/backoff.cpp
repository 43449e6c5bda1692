// How long somebody who guesses has to wait: see the header.
#include "firmware/control/admin/people/backoff.hpp"

#include <algorithm>

namespace postern::admin {

namespace {

constexpr int kFreeTriesAccount = 5;
constexpr int kFreeTriesSource = 10;
constexpr std::int64_t kMostAccount = 30;
constexpr std::int64_t kMostSource = 900;
// After so long without a failure all is forgotten.
constexpr std::int64_t kForgotten = 3600;

}  // namespace

std::int64_t Backoff::wait(const std::string& account, const std::string& source, std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  std::int64_t until = now;
  for (const auto& key : {"a " + account, "s " + source}) {
    if (const auto at = rows_.find(key); at != rows_.end()) until = std::max(until, at->second.until);
  }
  return until - now;
}

void Backoff::failed(const std::string& account, const std::string& source, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  add("a " + account, kFreeTriesAccount, kMostAccount, now);
  add("s " + source, kFreeTriesSource, kMostSource, now);
}

void Backoff::succeeded(const std::string& account, const std::string& source) {
  const std::lock_guard lock(mutex_);
  rows_.erase("a " + account);
  rows_.erase("s " + source);
}

void Backoff::add(const std::string& key, int free_tries, std::int64_t most, std::int64_t now) {
  if (rows_.size() >= kMostRows && !rows_.contains(key)) {
    rows_.erase(std::min_element(rows_.begin(), rows_.end(),
                                 [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
  }
  auto& row = rows_[key];
  if (now - row.last > kForgotten) row.failures = 0;
  row.last = now;
  const int over = ++row.failures - free_tries;
  if (over > 0) row.until = now + std::min(most, std::int64_t{1} << std::min(over, 20));
}

}  // namespace postern::admin
