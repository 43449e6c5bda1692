// The MTA-STS policies in force, and the fetches that failed lately. A policy in force leaves only when its
// time is over: RFC 8461 §3.3.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "firmware/control/resolver/service/store.hpp"

namespace postern::resolver {

class PolicyBook {
 public:
  PolicyBook(Store& store, const policy::StsTimes& times) : store_(store), times_(times) {}

  // Taken over from the disk.
  void load(StoredPolicy policy);
  StsMemory memory(const std::string& domain) const;
  // Somebody wants the domain.
  void used(const std::string& domain, WallTime now);
  // What a lookup came to; the disk is told where something changed.
  void learned(const std::string& domain, const StsMemory& memory, WallTime now);
  // Domains in use whose policy is to be fetched again, at most that many.
  std::vector<std::string> due(WallTime now, std::size_t most) const;
  // Lets go of what is over.
  void tidy(WallTime now);
  std::size_t in_force() const { return in_force_; }

 private:
  Store& store_;
  policy::StsTimes times_;
  std::unordered_map<std::string, StoredPolicy> policies_;
  std::size_t in_force_ = 0;  // as of the last tidy()
};

}  // namespace postern::resolver
