// CRC-32C (Castagnoli, RFC 3720 Appendix B.4), by the processor's instruction where there is one.
//
// crc32c(crc32c(0, a), b) is the sum of a followed by b. combine() gives the same from the two sums alone, so
// a body's sum comes from its pieces' sums without a second pass over the bytes.
#pragma once

#include <cstdint>

#include "platform/base/bytes.hpp"

namespace postern::spool {

std::uint32_t crc32c(std::uint32_t crc, Bytes bytes);

// The sum of a followed by b, where b has `length` bytes.
std::uint32_t crc32c_combine(std::uint32_t a, std::uint32_t b, std::uint64_t length);

// The same by table: for processors without SSE 4.2, and the other's check.
std::uint32_t crc32c_by_table(std::uint32_t crc, Bytes bytes);

}  // namespace postern::spool
