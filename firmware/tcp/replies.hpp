// Answers that belong to no connection: RST, SYN+ACK from a handshake, acknowledgments out of TIME-WAIT. They
// wait in a bounded ring and leave before anything else.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/tcp/sequence_number.hpp"
#include "firmware/wire/address.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp {

struct Reply {
  wire::Flow flow;
  SeqNumber sequence;
  SeqNumber acknowledgment;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  // Only options without SACK blocks; kept small because floods come through here.
  bool has_mss = false;
  bool has_window_scale = false;
  bool sack_permitted = false;
  bool has_timestamps = false;
  std::uint8_t window_scale = 0;
  std::uint16_t mss = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t timestamp_echo = 0;
  std::uint16_t user_timeout = 0;

  wire::TcpOptions options() const {
    return {has_mss,
            has_window_scale,
            sack_permitted,
            has_timestamps,
            window_scale,
            0,
            mss,
            timestamp,
            timestamp_echo,
            {},
            user_timeout};
  }
};

class ReplyQueue {
 public:
  explicit ReplyQueue(std::uint32_t most) : ring_(most == 0 ? 1 : most) {}
  bool empty() const { return count_ == 0; }
  bool push(const Reply& reply) {
    if (count_ == ring_.size()) return false;
    ring_[(first_ + count_++) % ring_.size()] = reply;
    return true;
  }
  const Reply& front() const { return ring_[first_]; }
  void pop() {
    first_ = (first_ + 1) % ring_.size();
    --count_;
  }

 private:
  std::vector<Reply> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace postern::tcp
