// The messages about people at the queue: what is in it, and what is to be done with it.
//
//   queue_ask     control: a question to one shard, or the next piece of one
//   queue_answer  data plane: one piece of the answer; `cursor` begins the next one
//
// Verbs and states have the numbers of shard::QueueVerb and spool::Queued::State.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/ipc/message.hpp"

namespace postern::ipc {

enum class QueueVerb : std::uint8_t { list, hold, release, retry, reroute, bounce, drop, recipients };

inline constexpr std::size_t kMostQueueIds = 256;
inline constexpr std::size_t kMostQueueEntries = 6;
inline constexpr std::uint8_t kAnyQueueState = 255;
inline constexpr std::uint8_t kLastQueueState = 3;

struct QueueAsk {
  std::uint64_t ticket = 0;
  std::uint32_t shard = 0;
  QueueVerb verb = QueueVerb::list;
  bool act = false;  // false: only say what would be done
  std::uint32_t cursor = 0;
  std::uint32_t show = 0;  // most entries wanted
  std::uint64_t older_ns = 0;
  std::uint64_t asked_wall_ns = 0;  // what came later is not meant
  std::vector<std::uint64_t> ids;   // empty: whatever fits
  std::string to_domain;            // empty: any
  bool any_from = true;
  std::string from;  // "@domain", an address, or "" for the null sender
  std::uint8_t state = kAnyQueueState;
  std::string to;      // of somebody who still has to get it
  std::string reason;  // part of what was said last
  std::string route;
  std::string who;
};

struct QueueAnswerEntry {
  std::uint64_t id = 0;
  std::uint8_t state = 0;
  bool done = false;
  std::uint64_t born_wall_ns = 0;
  std::uint64_t next_wall_ns = 0;
  std::uint64_t bytes = 0;
  std::uint32_t attempts = 0;
  std::uint32_t owed = 0;
  std::string from;
  std::string to;
  std::string last;
  std::string route;
};

struct QueueAnswer {
  std::uint64_t ticket = 0;
  bool finished = false;
  std::uint32_t cursor = 0;
  std::uint32_t matched = 0;
  std::uint32_t done = 0;
  std::uint32_t busy = 0;
  std::vector<QueueAnswerEntry> entries;
  std::string trouble;  // it was not done at all
};

std::vector<std::uint8_t> write(const QueueAsk& ask);
std::optional<QueueAsk> read_queue_ask(Bytes body);
std::vector<std::uint8_t> write(const QueueAnswer& answer);
std::optional<QueueAnswer> read_queue_answer(Bytes body);

}  // namespace postern::ipc
