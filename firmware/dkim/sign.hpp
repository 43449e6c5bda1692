// All signatures of one message at once, for callers to whom a millisecond does not matter.
#pragma once

#include <string>

#include "firmware/dkim/keyring.hpp"
#include "firmware/dkim/message_hash.hpp"

namespace postern::dkim {

struct SignOptions {
  Canonical header = Canonical::relaxed;
  WallTime now{};
  Duration lifetime{0};
};

// The DKIM-Signature fields to put in front of the message, one per signer; empty where no key fits its
// author. Errors as draft() and Key::sign() have them.
Result<std::string> sign(MessageHash& message, Keyring& keys, const SignOptions& options);

}  // namespace postern::dkim
