// CRC-32C: three interleaved streams of the SSE 4.2 instruction, or a table.
//
// The instruction has a latency of three cycles and a throughput of one, so three independent streams run at
// full speed; their sums are joined with a table that shifts a sum over kLane zero bytes.
#include "firmware/spool/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace postern::spool {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::uint32_t times_x(std::uint32_t a) {
  return (a & 1) != 0 ? (a >> 1) ^ kPolynomial : a >> 1;
}

// a * b modulo the polynomial, bit-reflected.
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = times_x(b);
  }
  return product;
}

// x^(2^i) modulo the polynomial.
constexpr auto kSquares = [] {
  std::array<std::uint32_t, 64> squares{};
  squares[0] = 1u << 30;
  for (std::size_t i = 1; i < squares.size(); ++i) squares[i] = multiply(squares[i - 1], squares[i - 1]);
  return squares;
}();

// x^(8 * bytes) modulo the polynomial: what a sum is multiplied by when `bytes` zero bytes follow.
constexpr std::uint32_t shift_over(std::uint64_t bytes) {
  std::uint32_t power = 1u << 31;
  for (std::size_t i = 3; bytes != 0; bytes >>= 1, ++i) {
    if ((bytes & 1) != 0) power = multiply(kSquares[i & 63], power);
  }
  return power;
}

constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto value = i;
    for (int bit = 0; bit < 8; ++bit) value = times_x(value);
    table[i] = value;
  }
  return table;
}();

#if defined(__SSE4_2__)
constexpr std::size_t kLane = 1024;  // bytes of each of the three streams

// Multiplication by shift_over(kLane), one byte of the sum at a time.
constexpr auto kLaneShift = [] {
  std::array<std::array<std::uint32_t, 256>, 4> table{};
  const auto factor = shift_over(kLane);
  for (std::uint32_t byte = 0; byte < 4; ++byte) {
    // Linear: the eight single bits suffice, the rest are their sums.
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      table[byte][1u << bit] = multiply(factor, 1u << (bit + 8 * byte));
    }
    for (std::uint32_t value = 1; value < 256; ++value) {
      const auto low = value & (~value + 1);
      table[byte][value] = table[byte][value ^ low] ^ table[byte][low];
    }
  }
  return table;
}();

std::uint64_t over_lane(std::uint64_t crc) {
  return kLaneShift[0][crc & 0xff] ^ kLaneShift[1][(crc >> 8) & 0xff] ^ kLaneShift[2][(crc >> 16) & 0xff] ^
         kLaneShift[3][(crc >> 24) & 0xff];
}

std::uint64_t word(const std::uint8_t* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::uint64_t three_lanes(std::uint64_t crc, const std::uint8_t* from) {
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  for (std::size_t i = 0; i < kLane; i += 8) {
    crc = _mm_crc32_u64(crc, word(from + i));
    second = _mm_crc32_u64(second, word(from + kLane + i));
    third = _mm_crc32_u64(third, word(from + 2 * kLane + i));
  }
  return over_lane(over_lane(crc) ^ second) ^ third;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::uint32_t crc, Bytes bytes) {
  crc = ~crc;
  for (const auto byte : bytes) crc = kTable[(crc ^ byte) & 0xff] ^ (crc >> 8);
  return ~crc;
}

std::uint32_t crc32c(std::uint32_t crc, Bytes bytes) {
#if defined(__SSE4_2__)
  std::uint64_t sum = ~crc;
  const auto* from = bytes.data();
  auto left = bytes.size();
  for (; left >= 3 * kLane; left -= 3 * kLane, from += 3 * kLane) sum = three_lanes(sum, from);
  for (; left >= 8; left -= 8, from += 8) sum = _mm_crc32_u64(sum, word(from));
  for (; left != 0; --left, ++from) sum = _mm_crc32_u8(static_cast<std::uint32_t>(sum), *from);
  return ~static_cast<std::uint32_t>(sum);
#else
  return crc32c_by_table(crc, bytes);
#endif
}

std::uint32_t crc32c_combine(std::uint32_t a, std::uint32_t b, std::uint64_t length) {
  return multiply(shift_over(length), a) ^ b;
}

}  // namespace postern::spool
