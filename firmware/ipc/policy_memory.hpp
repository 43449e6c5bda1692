// The memory through which packet cores and the resolver speak: per core a ring of questions and one of
// answers, and the word that tells whether the resolver sleeps. The facts themselves are in the snapshot
// table (firmware/policy/table), a piece of its own that only the resolver writes.
//
// Both are made anew by control for each life of the resolver. A core that finds new memory asks its open
// questions again. Neither side trusts the other: positions are masked, names are checked, and an answer
// only means "look again". "life" tells a data plane's tickets from those of an earlier one.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "firmware/ipc/message.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/spsc_ring.hpp"

namespace postern::ipc {

// What a domain takes in the snapshot table on average, so that with its block's head it is whole units;
// maker and writer of the table have to agree.
inline constexpr std::uint64_t kPolicyEntryBytes = 1008;

enum class PolicyWish : std::uint8_t {
  answer,   // publish the domain's facts and give the ticket back
  refresh,  // the facts run out soon and the domain is in use; no ticket
};

struct PolicyQuestion {
  static constexpr std::size_t kMostDomain = 253;

  std::uint64_t life = 0;
  std::uint64_t ticket = 0;
  PolicyWish wish = PolicyWish::answer;
  std::uint8_t length = 0;
  char text[kMostDomain + 1] = {};

  // False where the name is too long to be one.
  bool set_domain(std::string_view domain) {
    if (domain.empty() || domain.size() > kMostDomain) return false;
    length = static_cast<std::uint8_t>(domain.size());
    std::memcpy(text, domain.data(), domain.size());
    return true;
  }
  std::string_view domain() const { return {text, length <= kMostDomain ? length : 0u}; }
};

struct PolicyAnswer {
  std::uint64_t life = 0;
  std::uint64_t ticket = 0;
};

struct PolicyLane {
  SpscRing<PolicyQuestion, 4096> questions;
  SpscRing<PolicyAnswer, 4096> answers;
};

struct alignas(64) PolicyLanesHead {
  // 1: the resolver waits for the event descriptor; whoever pushes a question and turns it to 0 wakes it.
  std::atomic<std::uint32_t> asleep{0};
};

inline constexpr std::size_t policy_lanes_size(std::uint32_t shards) {
  return sizeof(PolicyLanesHead) + shards * sizeof(PolicyLane);
}

// Makes the lanes in zeroed memory of the right size and alignment; done once, by control.
inline void make_policy_lanes(MutableBytes memory, std::uint32_t shards) {
  new (memory.data()) PolicyLanesHead();
  for (std::uint32_t i = 0; i < shards; ++i)
    new (memory.data() + sizeof(PolicyLanesHead) + i * sizeof(PolicyLane)) PolicyLane();
}

inline PolicyLanesHead& policy_lanes_head(MutableBytes memory) {
  return *std::launder(reinterpret_cast<PolicyLanesHead*>(memory.data()));
}
// The lane of one shard; `memory` has room for it (the caller has checked the size once).
inline PolicyLane& policy_lane(MutableBytes memory, std::uint32_t shard) {
  return *std::launder(
      reinterpret_cast<PolicyLane*>(memory.data() + sizeof(PolicyLanesHead) + shard * sizeof(PolicyLane)));
}

// policy_memory: control hands the memory over. With it come three descriptors: table, lanes, event.
struct PolicyMemoryMessage {
  std::uint64_t number = 0;  // of this memory, rising
  std::uint32_t lanes = 0;
};

std::vector<std::uint8_t> write(const PolicyMemoryMessage& message);
std::optional<PolicyMemoryMessage> read_policy_memory(Bytes body);

}  // namespace postern::ipc
