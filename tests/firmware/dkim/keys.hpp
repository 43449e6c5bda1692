// Keys that only tests know.
#pragma once

#include <string>

#include "firmware/dkim/base64.hpp"

namespace dkim_tests {

// RFC 8463 §A.2: the seed of the example, in PKCS #8 (RFC 8410 §7).
inline std::string example_ed25519() {
  const auto seed = *postern::dkim::from_base64("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
  std::string der("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
  der.append(seed.begin(), seed.end());
  return "-----BEGIN PRIVATE KEY-----\n" + postern::dkim::to_base64(postern::as_bytes(der)) +
         "\n-----END PRIVATE KEY-----\n";
}

}  // namespace dkim_tests
