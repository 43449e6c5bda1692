// The rings through which outcomes go: one per shard, side by side in one piece of shared memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "firmware/ipc/outcome.hpp"
#include "platform/base/bytes.hpp"
#include "platform/base/spsc_ring.hpp"

namespace postern::ipc {

using OutcomeRing = SpscRing<Outcome, 4096>;

inline constexpr std::size_t outcome_rings_size(std::uint32_t shards) {
  return shards * sizeof(OutcomeRing);
}

// Makes the rings in zeroed memory of the right size and alignment; done once, by the data plane.
inline void make_outcome_rings(MutableBytes memory, std::uint32_t shards) {
  for (std::uint32_t i = 0; i < shards; ++i) new (memory.data() + i * sizeof(OutcomeRing)) OutcomeRing();
}

// The ring of one shard; `memory` has room for it (the caller has checked the size once).
inline OutcomeRing& outcome_ring(MutableBytes memory, std::uint32_t shard) {
  return *std::launder(reinterpret_cast<OutcomeRing*>(memory.data() + shard * sizeof(OutcomeRing)));
}

}  // namespace postern::ipc
