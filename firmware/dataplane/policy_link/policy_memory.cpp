// The memory shared with the resolver: see the header.
#include "firmware/dataplane/policy_link/policy_memory.hpp"

namespace postern::dataplane {

namespace {

constexpr std::size_t kMostTableBytes = 64ull << 30;

}  // namespace

Result<std::shared_ptr<PolicyMemory>, Fault> PolicyMemory::take(const ipc::PolicyMemoryMessage& message,
                                                                process::Packet& packet,
                                                                std::uint32_t shards) {
  if (message.lanes < shards) return fault("the policy memory has too few lanes");
  // `maker_writes` maps for reading only.
  auto table =
      process::map_received(packet.descriptors[0], 64, kMostTableBytes, process::Sharing::maker_writes);
  if (!table) return tl::unexpected(table.error());
  const auto size = ipc::policy_lanes_size(message.lanes);
  auto lanes = process::map_received(packet.descriptors[1], size, size, process::Sharing::both_write);
  if (!lanes) return tl::unexpected(lanes.error());
  const auto& mapped = *table;
  auto reader = policy::TableReader::over(mapped.bytes());
  if (!reader) return fault("the policy table cannot be read: " + std::string(reader.error().reason));
  std::shared_ptr<PolicyMemory> memory(new PolicyMemory(std::move(*table), *reader));
  memory->number = message.number;
  memory->lanes = message.lanes;
  memory->lanes_memory = std::move(*lanes);
  memory->event = std::move(packet.descriptors[2]);
  return memory;
}

}  // namespace postern::dataplane
