// A message on its way out: the attempt as a whole, and its parts, one per way its recipients go.
//
// An attempt begins when the spool hands a message out and ends when every part has come to a verdict; then,
// and only then, the message is settled. What was delivered before that is noted in the spool at once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "firmware/mail/dsn.hpp"
#include "firmware/spool/spool.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

struct Attempt {
  spool::Owed owed;
  std::vector<spool::Spool::Settled> settled;  // delivered or deferred
  std::vector<spool::Spool::Settled> failed;
  std::vector<mail::DsnRecipient> relayed;  // their next server tells nobody (RFC 3461 §5.2.2)
  std::uint32_t out = 0;                    // parts without a verdict
  Instant later{};                          // a part that did not get its turn may have it then
};

struct Part {
  std::shared_ptr<Attempt> attempt;
  std::vector<std::uint32_t> recipients;  // indices into the envelope
  std::uint8_t tries = 0;                 // connections that broke under it
  bool stale = false;                     // an idle connection broke under it a moment ago

  const spool::Owed& owed() const { return attempt->owed; }
  const mail::Envelope& envelope() const { return *attempt->owed.envelope; }
};

}  // namespace postern::shard
