// What people ask about the queue, and want done with what is in it, on its way through a shard.
//
// Made, kept and destroyed outside the core; the core writes the answer into it, in place: no memory changes
// hands. One piece of work is bounded by what it may show and do; `cursor` tells where the next one begins.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/spool/spool.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

// recipients: those of one message, an entry each; `done` says that it is settled, `attempts` holds the code.
enum class QueueVerb : std::uint8_t { list, hold, release, retry, reroute, bounce, drop, recipients };

struct QueueQuestion {
  QueueVerb verb = QueueVerb::list;
  bool act = false;                   // false: only say what would be done
  std::vector<spool::MessageId> ids;  // these; empty: whatever fits
  std::string to_domain;              // somebody there still has to get it, lower case; empty: anybody
  std::string to;                     // somebody of that address still has to get it, lower case
  std::string reason;                 // part of what was said last
  std::optional<spool::Queued::State> state{};
  std::optional<std::string> from;  // lower case; "@domain": anybody there; "": the null sender
  Duration older{0};                // in the queue at least that long
  WallTime asked{};                 // what came later is not meant
  std::string route;                // of `reroute`; empty: by domain again
  std::string who;                  // does it
  std::uint32_t show = 0;           // most entries in all that are still wanted
};

struct QueueEntry {
  spool::MessageId id = 0;
  spool::Queued::State state = spool::Queued::State::waiting;
  bool done = false;  // or would be; false: its state does not go with the verb
  std::int64_t born = 0;
  std::int64_t next = 0;
  std::uint64_t bytes = 0;
  std::uint32_t attempts = 0;
  std::uint32_t owed = 0;  // recipients
  std::array<char, 128> from{};
  std::array<char, 128> to{};  // the first who still has to get it
  std::array<char, 128> last{};
  std::array<char, 64> route{};
};

struct QueueWork {
  static constexpr std::size_t kEntries = 6;
  // Of one piece of work: messages looked at, and messages something was done with. Each act is told to the
  // message log, whose ring must not overflow.
  static constexpr std::uint32_t kMostLooks = 200'000;
  static constexpr std::uint32_t kMostActs = 1000;

  std::uint64_t ticket = 0;
  QueueQuestion question;
  std::uint32_t cursor = 0;

  // The answer.
  bool finished = false;
  std::uint32_t matched = 0;
  std::uint32_t done = 0;
  std::uint32_t busy = 0;
  std::size_t shown = 0;
  std::array<QueueEntry, kEntries> entries;
};

}  // namespace postern::shard
