// The memory shared with one life of the resolver, as the data plane has it mapped: the table for reading
// only, the lanes for both. Lives until every core has taken a later one.
#pragma once

#include <cstdint>
#include <memory>

#include "firmware/ipc/policy_memory.hpp"
#include "firmware/policy/table/table.hpp"
#include "platform/process/seqpacket.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::dataplane {

struct PolicyMemory {
  std::uint64_t number = 0;
  std::uint32_t lanes = 0;
  process::Mapping table_memory;
  process::Mapping lanes_memory;
  process::Descriptor event;
  policy::TableReader table;

  // From control's message with its three descriptors. Faults: sizes or seals that cannot be relied on.
  static Result<std::shared_ptr<PolicyMemory>, Fault> take(const ipc::PolicyMemoryMessage& message,
                                                           process::Packet& packet, std::uint32_t shards);

 private:
  PolicyMemory(process::Mapping table_mapping, policy::TableReader reader)
      : table_memory(std::move(table_mapping)), table(reader) {}
};

}  // namespace postern::dataplane
