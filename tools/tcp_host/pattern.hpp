// The bytes that services and clients send: RFC 864's rotating lines, so that who receives them knows what
// comes next.
//
// Byte `n` of the stream is a function of `n` alone. The same pattern starts over after kPatternPeriod bytes.
#pragma once

#include <array>
#include <cstdint>

#include "platform/base/bytes.hpp"

namespace postern::tcp_host {

// RFC 864: lines of 72 printing characters; each line begins one character further in the ring of 95.
inline constexpr std::size_t kRing = 95;
inline constexpr std::size_t kLine = 74;
inline constexpr std::size_t kPatternPeriod = kRing * kLine;

// A piece of the stream from `offset` on; at least 32 KiB long.
Bytes pattern(std::uint64_t offset);

// True where `bytes` are what the stream has at `offset`.
bool is_pattern(Bytes bytes, std::uint64_t offset);

// CRC-32 as in zlib, over pieces: start with 0.
std::uint32_t crc32(std::uint32_t crc, Bytes bytes);

}  // namespace postern::tcp_host
