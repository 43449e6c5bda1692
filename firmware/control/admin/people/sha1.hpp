// SHA-1 and HMAC-SHA1, for one-time codes only: authenticator programs know nothing else. RFC 3174, RFC 2104.
#pragma once

#include <array>
#include <cstdint>

#include "platform/base/bytes.hpp"

namespace postern::admin {

using Sha1Digest = std::array<std::uint8_t, 20>;

Sha1Digest sha1(Bytes message);
Sha1Digest hmac_sha1(Bytes key, Bytes message);

}  // namespace postern::admin
