// Byte spans, and numbers in network byte order.
//
// A `Bytes` is a view: it never owns and it never outlives what it looks at. Loads and stores do not
// check length; the caller has checked once at the door.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace postern {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

namespace detail {
template <typename T>
constexpr T big_endian(T value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) {
    return value;
  } else if constexpr (sizeof(T) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(T) == 4) {
    return __builtin_bswap32(value);
  } else {
    return __builtin_bswap64(value);
  }
}
}  // namespace detail

// Reads a big-endian unsigned integer at `from`; needs sizeof(T) readable bytes.
template <typename T>
inline T load_be(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return detail::big_endian(value);
}

// Writes `value` big-endian at `to`; needs sizeof(T) writable bytes.
template <typename T>
inline void store_be(std::uint8_t* to, T value) {
  value = detail::big_endian(value);
  std::memcpy(to, &value, sizeof value);
}

inline std::uint16_t load_be16(const std::uint8_t* from) { return load_be<std::uint16_t>(from); }
inline std::uint32_t load_be32(const std::uint8_t* from) { return load_be<std::uint32_t>(from); }
inline std::uint64_t load_be64(const std::uint8_t* from) { return load_be<std::uint64_t>(from); }
inline void store_be16(std::uint8_t* to, std::uint16_t value) { store_be(to, value); }
inline void store_be32(std::uint8_t* to, std::uint32_t value) { store_be(to, value); }
inline void store_be64(std::uint8_t* to, std::uint64_t value) { store_be(to, value); }

// Text as bytes and bytes as text, without copying.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace postern
