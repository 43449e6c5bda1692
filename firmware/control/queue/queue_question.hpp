// A question about the queue, as it comes through the door, in the words of the data plane.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "firmware/ipc/queue.hpp"
#include "platform/base/result.hpp"
#include "platform/base/time.hpp"

namespace postern::control {

// What the answer is made of: the messages, or how many there are by `by`.
struct QueueWish {
  ipc::QueueAsk ask;               // without ids
  std::vector<std::uint64_t> ids;  // as many as were given
  bool by_id = false;              // only those
  std::string by;                  // groups: domain, reason, sender, state; empty: messages
  bool whole = false;              // one message with all its recipients
  std::uint32_t shard = 0;         // where to begin
  std::uint32_t cursor = 0;
};

// "queue.list", "queue.groups", "queue.show", "queue.hold" and so on. The fault is one line for people; a
// JSON exception means a value of the wrong form.
Result<QueueWish, Fault> read_queue_wish(const nlohmann::json& question, std::string_view who, WallTime now);

// Where a list goes on, as people pass it around: 16 hexadecimal digits.
std::string queue_place(std::uint32_t shard, std::uint32_t cursor);

std::string_view queue_state(std::uint8_t state);

}  // namespace postern::control
