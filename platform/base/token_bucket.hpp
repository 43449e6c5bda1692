// A rate limit: `rate` events per second, and at most as many at once as a second brings.
//
// Deterministic: time is an argument and never has to go forward evenly.
#pragma once

#include <algorithm>
#include <cstdint>

#include "platform/base/time.hpp"

namespace postern {

class TokenBucket {
 public:
  explicit TokenBucket(std::uint32_t rate) : rate_(rate), tokens_(rate) {}

  // False where the event would be one too many.
  bool take(Instant now) {
    refill(now);
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  void refill(Instant now) {
    if (rate_ == 0 || now <= filled_) return;
    const Duration per_token = Duration(std::chrono::seconds(1)) / rate_;
    const auto gained = (now - filled_) / std::max(per_token, Duration(1));
    if (gained >= rate_ - tokens_) {
      tokens_ = rate_;
      filled_ = now;
      return;
    }
    tokens_ += static_cast<std::uint32_t>(gained);
    // What is left over counts towards the next token.
    filled_ += per_token * gained;
  }

  std::uint32_t rate_;
  std::uint32_t tokens_;
  Instant filled_{};
};

}  // namespace postern
