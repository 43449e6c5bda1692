// All signatures of one message: at once, for callers to whom a millisecond does not matter, or as drafts,
// for those who have the costly ones made elsewhere.
#pragma once

#include <boost/container/static_vector.hpp>
#include <string>

#include "firmware/dkim/keyring.hpp"
#include "firmware/dkim/message_hash.hpp"

namespace postern::dkim {

struct SignOptions {
  Canonical header = Canonical::relaxed;
  WallTime now{};
  Duration lifetime{0};
};

// A signature that is still to be made: what is said, and whose key says it. The signer is the keyring's.
struct Unsigned {
  Signer* signer = nullptr;
  Draft draft;
};
using Drafts = boost::container::static_vector<Unsigned, Keyring::kMostPerDomain>;

// One per signer; empty where no key fits the author. The message is not needed afterwards. Errors: the
// header section is too long; as draft() has them.
Result<Drafts> drafts(MessageHash& message, Keyring& keys, const SignOptions& options);

// The DKIM-Signature fields to put in front of the message, one per signer; empty where no key fits its
// author. Errors as drafts() and Key::sign() have them.
Result<std::string> sign(MessageHash& message, Keyring& keys, const SignOptions& options);

}  // namespace postern::dkim
