// Which messages of the queue a command line means: all filters given have to fit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/spool/reader.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::control::cli {

struct QueueFilter {
  std::optional<std::string> to_domain;  // of somebody who still has to get it; lower case
  std::optional<std::string> from;       // lower case; "@domain" for everybody there; "" for <>
  std::vector<spool::MessageId> ids;     // one of these; empty: any
  Duration older{0};                     // queued at least that long

  bool fits(const spool::ListedMessage& message, WallTime now) const;
};

// The fault says which word is wrong and what would be right.
Result<QueueFilter, Fault> read_queue_filter(const Invocation& invocation);

}  // namespace postern::control::cli
