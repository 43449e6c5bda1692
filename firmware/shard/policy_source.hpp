// Where a shard finds out what TLS a recipient's domain is owed: the snapshot table for what is known, the
// resolver for what is not.
//
// Nothing here waits. lookup() copies out of shared memory; a miss is asked under a ticket, and the answer
// is a ticket given back by ready(), after which lookup() is tried again. An answer may never come (the
// resolver died): whoever asked keeps the time. Only the shard's own thread calls.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::shard {

// Chosen by the asker, unique among its open questions.
using PolicyTicket = std::uint64_t;

class PolicySource {
 public:
  virtual ~PolicySource() = default;

  // The domain's facts as encoded by policy::encode, for policy::FactsView; valid until the next lookup().
  // Empty: not known, ask. Whether they have expired is the caller's to see. `domain` is lower case A-labels.
  virtual Bytes lookup(std::string_view domain) = 0;
  // These will be looked up in a moment: what that takes may be fetched meanwhile.
  virtual void prefetch(std::span<const std::string_view>) {}
  // Asks the resolver to publish the domain's facts anew. False: it cannot be asked now; try later.
  virtual bool ask(PolicyTicket ticket, std::string_view domain) = 0;
  // The next ticket that was answered: the domain was looked at, and lookup() is worth another try.
  virtual bool ready(PolicyTicket& ticket) = 0;
};

// For a box without a resolver: nothing is known and nothing can be asked, so that mail waits.
class NoPolicySource final : public PolicySource {
 public:
  Bytes lookup(std::string_view) override { return {}; }
  bool ask(PolicyTicket, std::string_view) override { return false; }
  bool ready(PolicyTicket&) override { return false; }
};

}  // namespace postern::shard
