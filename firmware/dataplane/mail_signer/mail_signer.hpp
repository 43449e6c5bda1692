// The thread that makes RSA signatures under mail, so that no packet core has to: each takes a millisecond,
// during which every session of the core would stand still.
//
// Every core has a ring of questions and one of answers, both bounded; a full one means "later". A busy
// thread never rests; with nothing to do it sleeps kRestFirst, doubling to kRestMost, so a message waits that
// long at most before its turn, and no core makes a system call to wake it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "firmware/dkim/key.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/shard/signature_source.hpp"
#include "platform/base/spsc_ring.hpp"

namespace postern::dataplane {

// One core's side; called on that core only.
class SignatureLane final : public shard::SignatureSource {
 public:
  bool ask(shard::SignatureTicket ticket, std::size_t key, const dkim::Digest& digest) override;
  bool ready(shard::SignatureTicket& ticket, dkim::Signature& signature) override;

 private:
  friend class MailSigner;
  struct Question {
    shard::SignatureTicket ticket = 0;
    std::size_t key = 0;
    dkim::Digest digest{};
  };
  struct Answer {
    shard::SignatureTicket ticket = 0;
    std::uint32_t length = 0;
    std::array<std::uint8_t, dkim::Signature::static_capacity> bytes{};
  };
  SpscRing<Question, 256> questions_;
  SpscRing<Answer, 256> answers_;
};

class MailSigner {
 public:
  static constexpr std::chrono::microseconds kRestFirst{50};
  static constexpr std::chrono::microseconds kRestMost{1000};

  // Reads the keys and starts the thread; null where no key is worth it. Faults name the key that cannot be
  // read.
  static Result<std::unique_ptr<MailSigner>, Fault> start(const std::vector<shard::SigningKey>& keys,
                                                          std::size_t cores);
  // Ends the thread; a signature under way is finished first.
  ~MailSigner();
  MailSigner(const MailSigner&) = delete;
  MailSigner& operator=(const MailSigner&) = delete;

  SignatureLane& lane(std::size_t core) { return *lanes_[core]; }

 private:
  MailSigner(std::vector<dkim::Key> keys, std::size_t cores);
  void work();
  bool serve(SignatureLane& lane);

  std::vector<dkim::Key> keys_;  // by their number in the settings
  std::vector<std::unique_ptr<SignatureLane>> lanes_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace postern::dataplane
