// Certificates, private keys and trust anchors on their way to the data plane: one block, in memory only.
//
//   "PSCR" | version 32 | trust anchors text | authorities for clients text | count 32 | count times: names 32, names text..., chain text,
//   key text | count 32 | count times: domain text, selector text, flags 32, key text
//
// It holds private keys: whoever held the block or the parsed form wipes it (wipe()).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::ipc {

inline constexpr std::uint32_t kCredentialsVersion = 3;
inline constexpr std::size_t kMostCredentialsBytes = 256u << 20;

struct Credential {
  std::vector<std::string> names;
  std::string chain_pem;
  std::string key_pem;
};

// A key that signs mail (DKIM).
struct SigningKey {
  std::string domain;
  std::string selector;
  std::string key_pem;
  bool tls_reports_only = false;
};

struct Credentials {
  std::vector<Credential> certificates;
  std::string trust_anchors_pem;
  std::vector<SigningKey> signing_keys;
  std::string client_anchors_pem{};  // the authorities whose certificates of clients are believed

  void wipe();
};

std::vector<std::uint8_t> write_credentials(const Credentials& credentials);
Result<Credentials> read_credentials(Bytes block);

}  // namespace postern::ipc
