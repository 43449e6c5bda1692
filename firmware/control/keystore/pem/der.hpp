// DER, written: an element is a tag, the shortest length, and what is in it. X.690 §8, §10.1.
#pragma once

#include <initializer_list>
#include <vector>

#include "platform/base/bytes.hpp"

namespace postern::keystore {

inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerBitString = 0x03;
inline constexpr std::uint8_t kDerOctetString = 0x04;
inline constexpr std::uint8_t kDerUtf8String = 0x0c;
inline constexpr std::uint8_t kDerUtcTime = 0x17;
inline constexpr std::uint8_t kDerGeneralizedTime = 0x18;
inline constexpr std::uint8_t kDerSequence = 0x30;
inline constexpr std::uint8_t kDerSet = 0x31;
inline constexpr std::uint8_t kDerContext = 0xa0;  // constructed [0]; plus the number

using Der = std::vector<std::uint8_t>;

inline Der der_element(std::uint8_t tag, Bytes content) {
  Der out{tag};
  const auto size = content.size();
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    int count = 1;
    while (size >> (8 * count) != 0) ++count;
    out.push_back(static_cast<std::uint8_t>(0x80 | count));
    while (count-- > 0) out.push_back(static_cast<std::uint8_t>(size >> (8 * count)));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

inline Der der_join(std::initializer_list<Bytes> pieces) {
  Der out;
  for (const auto piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

inline Der der_element(std::uint8_t tag, std::initializer_list<Bytes> pieces) {
  return der_element(tag, Bytes(der_join(pieces)));
}

// A bit string of whole bytes.
inline Der der_bits(Bytes content) {
  const std::uint8_t none = 0;
  return der_element(kDerBitString, {Bytes(&none, 1), content});
}

}  // namespace postern::keystore
