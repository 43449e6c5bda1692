// From a domain's facts to the addresses to try, in order, each with what is insisted on there.
//
// Hosts by preference, equal ones in random order (RFC 5321 §5.1); of a host IPv6 and IPv4 by turns, IPv6
// first (RFC 8305 §4). A pure function of facts, wishes, settings, time and the random numbers given.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/policy/decide/decide.hpp"
#include "firmware/policy/encoding.hpp"
#include "firmware/shard/settings.hpp"
#include "firmware/shard/target.hpp"

namespace postern::shard {

// splitmix64: enough to spread load.
class Shuffler {
 public:
  explicit Shuffler(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

struct Candidate {
  std::shared_ptr<const Target> target;
  bool failed = false;  // until the destination is tried anew
  Instant failed_at{};
  bool in_clear = false;  // its TLS failed where TLS was not insisted on: without it
};

// A host nothing may be sent to now, whatever its server does.
struct Barred {
  std::string host;
  policy::Demand demand;
  std::string detail;  // from the facts
  bool told = false;   // to the reporter
};

struct Plan {
  policy::Demand domain;  // ask_hosts: `candidates` and `barred` say more
  std::string detail;     // why, from the facts
  std::vector<Candidate> candidates;
  std::vector<Barred> barred;
  std::int64_t learned = 0;  // policy::Facts::learned
  std::string sts_id;
  Instant made{};
};

Plan make_plan(const policy::FactsView& facts, const policy::MessageWishes& wishes, const Settings& settings,
               Now now, Shuffler& shuffler);

// Facts that may still be used.
bool is_current(const policy::FactsView& facts, WallTime now);

// The target of mail a person rerouted: over TLS where offered.
std::shared_ptr<const Target> rerouted_target(const wire::Endpoint& endpoint, const Settings& settings);
// The same server without TLS.
std::shared_ptr<const Target> without_tls(const Target& target);

}  // namespace postern::shard
