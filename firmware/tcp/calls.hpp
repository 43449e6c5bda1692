// The application's calls: open, read, write, close. RFC 9293 §3.10.1 to §3.10.5.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

// How often a write that was short for lack of common memory is looked at again.
inline constexpr Duration kMemoryRetry = 20ms;

Result<ConnectionId> open_connection(Core& core, const wire::IpAddress& local, const wire::Endpoint& remote,
                                     Instant now, Engine::LandsHere lands_here, void* context);
void read_bytes(Core& core, Connection& c, std::uint32_t count, Instant now);
std::size_t write_bytes(Core& core, Connection& c, Bytes data, Instant now);
std::size_t room_to_write(const Core& core, const Connection& c);
void close_connection(Core& core, Connection& c, Instant now);

}  // namespace postern::tcp
