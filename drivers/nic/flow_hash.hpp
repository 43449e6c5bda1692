// The Toeplitz hash a device spreads connections by, computed in software.
//
// With a key that repeats every 16 bits the hash is the same for both directions of a connection.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "drivers/nic/port.hpp"

namespace postern::nic {

// 0x6d5a repeated; `bytes` is what the device asks for, 40 where it does not say.
std::vector<std::uint8_t> symmetric_hash_key(std::size_t bytes);

// True for ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
bool is_mapped_v4(const std::array<std::uint8_t, 16>& address);

// The hash of the flow's frames as they arrive: from remote to local.
std::uint32_t flow_hash(const FlowAddresses& flow, std::span<const std::uint8_t> key, bool with_ports);

}  // namespace postern::nic
