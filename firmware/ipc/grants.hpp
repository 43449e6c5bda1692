// What the keystore gives out for one process: keys, certificates and secrets, on their way in memory only.
//
//   "PGRT" | version 32 | count 32 | count times: kind 8, flags 8, name, domain, selector, family, chain, key
//   (texts)
//
// It holds private keys: whoever held the block or the parsed form wipes it (wipe()).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::ipc {

enum class GrantKind : std::uint8_t { tls = 1, dkim, secret, pepper };

struct Grant {
  GrantKind kind{};
  bool tls_reports_only = false;
  std::string name;
  std::string domain;  // of keys that sign mail
  std::string selector;
  std::string family;
  std::string chain;  // PEM
  std::string key;    // PEM, or the secret itself
};

struct Grants {
  std::vector<Grant> all;

  // Null where there is none.
  const Grant* find(GrantKind kind, std::string_view name) const;
  // The key of that family that signs.
  const Grant* signing(std::string_view family) const;
  void wipe();
};

std::vector<std::uint8_t> write_grants(const Grants& grants);
Result<Grants> read_grants(Bytes block);

}  // namespace postern::ipc
