// What SYN options mean and what ours say.
#pragma once

#include "firmware/tcp/core.hpp"
#include "firmware/tcp/handshake.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

// What the peer's SYN offers, with its first sequence number.
Handshake read_syn(const Core& core, const Arrival& a);
// RFC 3168 §6.1.1: "ECN-setup SYN".
bool asks_for_ecn(const Arrival& a);
// RFC 7323 §2.3: the smallest shift that can announce the whole receive buffer.
std::uint8_t window_shift(const Settings& settings);
// The window of a SYN, which is never scaled.
std::uint32_t first_window(const Settings& settings);
// The payload of the largest segment towards `peer`, options not taken off (RFC 6691, RFC 9293 §3.7.1).
std::uint16_t largest_mss(const Settings& settings, const wire::IpAddress& peer);
// What every peer has to be able to take: RFC 9293 §3.7.1. Announcements below it are not believed.
std::uint16_t smallest_mss(const wire::IpAddress& peer);
// RFC 6928 §2
std::uint32_t initial_window(const Settings& settings, std::uint32_t mss);
// RFC 5482 §3.1: ours as it goes on the wire; 0 where nothing is said.
std::uint16_t user_timeout_option(const Settings& settings);
// The peer's, between the bounds of the settings (RFC 5482 §3.1).
void hear_user_timeout(Core& core, Connection& c, std::uint16_t option);
// `mss` from what the peer, the path and the options leave.
void update_mss(Connection& c);

}  // namespace postern::tcp
