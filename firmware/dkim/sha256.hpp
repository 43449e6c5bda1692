// SHA-256 over a stream: the digest both DKIM algorithms are built on. RFC 6234 §6.2.
//
// The library's state lives inside the object, so hashing allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::dkim {

using Digest = std::array<std::uint8_t, 32>;

class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void feed(Bytes bytes);
  void feed(std::string_view text) { feed(as_bytes(text)); }
  // The digest of all that was fed. Afterwards the object is as new.
  Digest finish();

 private:
  static constexpr std::size_t kStateBytes = 256;
  alignas(16) std::array<std::byte, kStateBytes> state_;
};

}  // namespace postern::dkim
