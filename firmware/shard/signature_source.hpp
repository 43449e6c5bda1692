// Who makes the signatures that take long for a shard: an RSA signature costs a millisecond, so it is made on
// another thread.
//
// Nothing here waits. Only the shard's own thread calls. Answers come in the order of the questions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firmware/dkim/key.hpp"

namespace postern::shard {

using SignatureTicket = std::uint64_t;

class SignatureSource {
 public:
  virtual ~SignatureSource() = default;
  // `digest` is to be signed with that one of the signing keys the shard was born with, counted from 0.
  // False: too many wait; try later.
  virtual bool ask(SignatureTicket ticket, std::size_t key, const dkim::Digest& digest) = 0;
  // The next answer; an empty signature: it could not be made.
  virtual bool ready(SignatureTicket& ticket, dkim::Signature& signature) = 0;
};

}  // namespace postern::shard
