// What senders are told about their mail: that it cannot be delivered, that it takes longer, or that it went
// to a server that tells nobody. RFC 3461, RFC 3464, RFC 5321 §6.1.
//
// Order matters: the notification is made durable first, then the recipients it speaks of are settled. A
// crash in between sends it twice; it never loses the news. No notification answers a null sender.
#pragma once

#include <string>
#include <vector>

#include "firmware/mail/dsn.hpp"
#include "firmware/shard/part.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/spool/spool.hpp"

namespace postern::shard {

class Bounces {
 public:
  explicit Bounces(Shard::State& shard) : shard_(shard) {}

  // An attempt is over: tells what there is to tell, then settles it.
  void report(Attempt& attempt);
  // The queue life of `owed` is over: everybody left is refused.
  void expire(const spool::Owed& owed);
  // The message of `owed` cannot be read back from the disk: everybody left is refused, without its text.
  void damaged(const spool::Owed& owed);
  bool works_on(spool::MessageId id) const;
  // True where the event was about a message a bounce works on.
  bool on_spool(const spool::Event& event);
  // The signature of a notification.
  void message_signed(spool::MessageId notice, std::string_view fields);

 private:
  struct Pending {
    spool::Owed owed;
    std::vector<spool::Spool::Settled> settled;  // everything the attempt decided, failures included
    std::vector<mail::DsnRecipient> told;
    bool readable = true;
    spool::MessageId notice = 0;  // 0: the head of the message is still being read
  };

  void begin(Pending pending);
  void give_up(const Pending& pending, std::string_view why);
  void settle(const Pending& pending);
  void count(const Pending& pending);
  // One step; true where the job is over.
  bool go_on(Pending& pending);
  bool compose(Pending& pending, Bytes head);
  bool sign(const Pending& pending, std::string_view message);
  bool store(const Pending& pending, std::string_view fields);
  void finish(Pending& pending, bool stored);

  Shard::State& shard_;
  std::vector<Pending> pending_;
};

}  // namespace postern::shard
