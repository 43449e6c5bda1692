// One entry of the keystore: what is known of it, and its secret part.
//
// Inside its sealed file: version 16 | kind 8 | state 8 | created 64 | changed 64 | since 64 | seen 64 |
// use, algorithm, domain, selector, family, chain, key (texts). Times are nanoseconds since 1970.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/control/keystore/memory/secret.hpp"
#include "firmware/control/keystore/rotation/rotation.hpp"
#include "firmware/control/keystore/store/sealed.hpp"

namespace postern::keystore {

struct Entry {
  std::string name;
  Kind kind = Kind::secret;
  std::string use;
  std::string algorithm;  // "ecdsa-p256", "rsa-2048", "ed25519"; empty for texts
  std::uint64_t created = 0;
  std::uint64_t changed = 0;
  Secret key;         // PEM, or the secret itself
  std::string chain;  // PEM; certificates are public
  // Of keys that sign mail.
  std::string domain;
  std::string selector;
  std::string family;
  Life life;
};

// What goes into the sealed file.
Secret write_entry(const Entry& entry);
Result<Entry> read_entry(Kind kind, std::string_view name, Bytes plain);

}  // namespace postern::keystore
