// The Internet checksum; see checksum.hpp.
#include "firmware/wire/checksum.hpp"

namespace postern::wire {
namespace {

// Two 32-bit words at `from`, added: cannot overflow 64 bits within any frame.
inline std::uint64_t two_words(const std::uint8_t* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  return (value & 0xffffffff) + (value >> 32);
}

template <typename Word>
inline std::uint64_t word(const std::uint8_t* from) {
  Word value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// The last one to seven bytes.
inline std::uint64_t tail(const std::uint8_t* from, std::size_t length) {
  std::uint64_t sum = 0;
  if (length & 4) sum += word<std::uint32_t>(from);
  from += length & 4;
  if (length & 2) sum += word<std::uint16_t>(from);
  from += length & 2;
  // A lone byte is the first one of its word.
  if (length & 1)
    sum += std::endian::native == std::endian::little ? std::uint64_t{*from} : std::uint64_t{*from} << 8;
  return sum;
}

inline std::uint16_t fold64(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  return checksum_fold(static_cast<std::uint32_t>(sum));
}

inline std::uint32_t add_carry(std::uint32_t sum, std::uint32_t value) {
  const std::uint64_t wide = std::uint64_t{sum} + value;
  return static_cast<std::uint32_t>(wide) + static_cast<std::uint32_t>(wide >> 32);
}

}  // namespace

std::uint32_t checksum_add(std::uint32_t sum, Bytes bytes) {
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t even = 0;
  std::uint64_t odd = 0;
  for (; left >= 32; at += 32, left -= 32) {
    even += two_words(at) + two_words(at + 8);
    odd += two_words(at + 16) + two_words(at + 24);
  }
  for (; left >= 8; at += 8, left -= 8) even += two_words(at);
  if (left > 0) even += tail(at, left);
  return add_carry(sum, detail::big_endian(fold64(even + odd)));
}

std::uint32_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                std::uint32_t length) {
  const std::uint8_t* from = source.bytes.data();
  const std::uint8_t* to = destination.bytes.data();
  const std::uint64_t words = two_words(from) + two_words(from + 8) + two_words(to) + two_words(to + 8);
  return add_carry(length, detail::big_endian(fold64(words)) + std::uint32_t{protocol});
}

}  // namespace postern::wire
