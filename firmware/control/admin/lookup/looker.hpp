// What has to be looked up in the world: policies of destinations, their servers, and the DNS of the domains
// we serve. Slow; runs in jobs.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "firmware/control/admin/api/problem.hpp"
#include "firmware/control/admin/jobs/jobs.hpp"

namespace postern::admin {

class Looker {
 public:
  virtual ~Looker() = default;
  // What we would insist on, with the trail: {"verdict", "status", "facts", "lines"}.
  virtual Json check_policy(const std::string& domain, Progress& progress) = 0;
  virtual Json probe(const std::string& domain, Progress& progress) = 0;
  // Records of a served domain; remembered for remembered().
  virtual Json check_domain(const std::string& domain, Progress& progress) = 0;

  // The first address of a host, IPv6 before IPv4; a Problem where there is none or it cannot be told.
  virtual std::string address_of(const std::string& host) = 0;

  // What check_domain() found last; null: never looked.
  Json remembered(const std::string& domain) const {
    const std::lock_guard lock(mutex_);
    const auto at = found_.find(domain);
    return at == found_.end() ? Json() : at->second;
  }

 protected:
  void remember(const std::string& domain, Json found) {
    const std::lock_guard lock(mutex_);
    found_[domain] = std::move(found);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Json> found_;
};

}  // namespace postern::admin
