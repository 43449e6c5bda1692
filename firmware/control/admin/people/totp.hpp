// One-time codes out of a shared secret and the time. RFC 4226 (HOTP), RFC 6238 (TOTP), RFC 4648 §6 (base32).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/base/bytes.hpp"

namespace postern::admin {

inline constexpr std::int64_t kStepSeconds = 30;
inline constexpr std::size_t kTotpSecretBytes = 20;  // RFC 4226 §4 R6

// RFC 4226 §5.3: `digits` decimal digits.
std::string hotp(Bytes secret, std::uint64_t counter, int digits = 6);
// The step of the code that fits now or one step off (RFC 6238 §5.2), if it is later than `last_used`: no
// code is good twice.
std::optional<std::int64_t> matching_step(Bytes secret, std::string_view code, std::int64_t wall_seconds,
                                          std::int64_t last_used);

// Without padding.
std::string base32(Bytes bytes);
std::optional<std::string> base32_decoded(std::string_view text);
// For authenticator programs: "otpauth://totp/Postern:anna?secret=...".
std::string totp_uri(std::string_view box, std::string_view user, std::string_view secret_base32);

}  // namespace postern::admin
