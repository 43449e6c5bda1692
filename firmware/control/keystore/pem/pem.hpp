// PEM: blocks between lines, base64 inside. RFC 7468 §2, §3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/control/keystore/memory/secret.hpp"

namespace postern::keystore {

struct PemBlock {
  std::string label;  // "CERTIFICATE"
  Secret der;         // it may be a key
};

inline constexpr std::size_t kMostPemBytes = 256u << 10;
inline constexpr std::size_t kMostPemBlocks = 32;

// All blocks in order; text between them is passed over. Faults: too large, a block that is not closed or
// not base64.
Result<std::vector<PemBlock>> read_pem(std::string_view text);
std::string write_pem(std::string_view label, Bytes der);
// The same for keys: never in memory that is not guarded.
Secret write_secret_pem(std::string_view label, Bytes der);

}  // namespace postern::keystore
