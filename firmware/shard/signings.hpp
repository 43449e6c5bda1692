// DKIM fields for mail of ours. What a key makes quickly is made here and now; what takes long (RSA) is asked
// for elsewhere, and the message waits, but not the core.
//
// Every message whose fields come later gets them exactly once, unless it is forgotten. A message that cannot
// be signed, or whose signature does not come in time, goes unsigned: whether it is taken for good is the
// receiver's affair. RFC 6376.
#pragma once

#include <boost/container/static_vector.hpp>
#include <deque>
#include <optional>
#include <string>

#include "firmware/dkim/sign.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/shard/signature_source.hpp"
#include "firmware/spool/spool.hpp"
#include "firmware/tcp/engine.hpp"

namespace postern::shard {

class Signings {
 public:
  static constexpr Duration kMostWait = std::chrono::seconds(30);

  // Whose message it is: its message_signed() is called when fields come later.
  struct Asker {
    enum class Kind : std::uint8_t { session, injection, bounce } kind = Kind::session;
    spool::MessageId message = 0;
    tcp::ConnectionId session{};
  };

  // `source`: null where all signatures are made here.
  Signings(Shard::State& shard, SignatureSource* source) : shard_(shard), source_(source) {}

  // The fields (empty: it goes unsigned), or nothing: they come later.
  std::optional<std::string> sign(dkim::MessageHash& message, const Asker& asker);
  // The message is given up.
  void forget(spool::MessageId message);
  // Asks, and passes on what was answered.
  void pump();
  Instant next_deadline() const;

 private:
  struct Open {
    std::uint64_t number = 0;
    Asker asker;
    dkim::Drafts drafts;
    boost::container::static_vector<dkim::Signature, dkim::Keyring::kMostPerDomain> signatures;
    std::size_t asked = 0;    // drafts before this one are signed or asked for
    std::size_t missing = 0;  // signatures that are asked for or to be asked for
    Instant until{};
  };

  void sign_here(Open& open) const;
  bool ask(Open& open);
  void take(SignatureTicket ticket, const dkim::Signature& signature);
  std::string fields_of(const Open& open);
  void hand_over(const Asker& asker, const std::string& fields);

  Shard::State& shard_;
  SignatureSource* source_;
  std::deque<Open> open_;  // oldest first
  std::uint64_t last_ = 0;
};

}  // namespace postern::shard
