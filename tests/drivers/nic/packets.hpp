// Packets built by hand for the tests of this room: the smallest that a kernel answers.
#pragma once

#include <array>
#include <cstdint>

#include "drivers/nic/port.hpp"

namespace postern::nic::test {

using Mac = std::array<std::uint8_t, 6>;
using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

inline constexpr Mac kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// A who-has for `target`.
void fill_arp_request(Frame& frame, const Mac& mac, const V4& sender, const V4& target);

// A SYN whose TCP checksum field holds the pseudo-header sum; checksum = transport.
void fill_syn_v4(Frame& frame, const Mac& to, const Mac& from, const V4& source, const V4& destination,
                 std::uint16_t source_port, std::uint16_t destination_port);
void fill_syn_v6(Frame& frame, const Mac& to, const Mac& from, const V6& source, const V6& destination,
                 std::uint16_t source_port, std::uint16_t destination_port);

// The Internet checksum over `bytes` and an optional sum before it (RFC 1071); 0 over data that carries a
// right one.
std::uint16_t checksum(Bytes bytes, std::uint32_t sum = 0);
// True where an IPv4 or IPv6 TCP frame carries right checksums.
bool has_right_checksums(Bytes frame);

}  // namespace postern::nic::test
