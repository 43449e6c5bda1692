// The fields in wire order, hashed by rte_softrss.
#include "drivers/nic/flow_hash.hpp"

#include <rte_thash.h>

#include "platform/base/bytes.hpp"

namespace postern::nic {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Adds an address as 32-bit numbers in CPU order; returns how many.
std::uint32_t put_address(std::uint32_t* into, const std::array<std::uint8_t, 16>& address, bool v4) {
  std::uint32_t count = 0;
  for (std::size_t i = v4 ? 12 : 0; i < address.size(); i += 4) into[count++] = load_be32(&address[i]);
  return count;
}

}  // namespace

std::vector<std::uint8_t> symmetric_hash_key(std::size_t bytes) {
  std::vector<std::uint8_t> key(bytes == 0 ? 40 : bytes);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = i % 2 == 0 ? 0x6d : 0x5a;
  return key;
}

bool is_mapped_v4(const std::array<std::uint8_t, 16>& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

std::uint32_t flow_hash(const FlowAddresses& flow, std::span<const std::uint8_t> key, bool with_ports) {
  std::array<std::uint32_t, 9> tuple{};
  const bool v4 = is_mapped_v4(flow.remote);
  auto length = put_address(tuple.data(), flow.remote, v4);
  length += put_address(tuple.data() + length, flow.local, v4);
  if (with_ports) tuple[length++] = std::uint32_t{flow.remote_port} << 16 | flow.local_port;
  return rte_softrss(tuple.data(), length, key.data());
}

}  // namespace postern::nic
