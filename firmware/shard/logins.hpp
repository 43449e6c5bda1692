// Logins of inbound sessions that are being checked, and how often networks were wrong lately.
//
// The number being checked is bounded, an answer that does not come is "try later", and a network that
// guessed wrong too often waits. Memory for networks is bounded: when it is full, the oldest count is given
// up.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "firmware/shard/login_source.hpp"
#include "firmware/shard/shard.hpp"
#include "firmware/tcp/engine.hpp"
#include "firmware/wire/address.hpp"

namespace postern::shard {

class Logins {
 public:
  explicit Logins(Shard::State& shard) : shard_(shard) {}

  // True: Inbound::login_checked comes later. False: it was refused here; the answer is `try_later`.
  bool check(const smtp::Login& login, const wire::IpAddress& client, tcp::ConnectionId asker);
  // The asker is gone.
  void forget(tcp::ConnectionId asker);
  // Passes answers on; ends those that waited too long.
  void pump();
  Instant next_deadline() const;

 private:
  struct Open {
    LoginTicket ticket = 0;
    tcp::ConnectionId asker;
    wire::IpAddress network;
    Instant until{};
  };
  struct Wrong {
    wire::IpAddress network;
    std::uint32_t count = 0;
    Instant until{};
  };

  Wrong* wrong_of(const wire::IpAddress& network);
  void note_wrong(const wire::IpAddress& network);
  void answer(const Open& open, smtp::LoginAnswer answer);

  Shard::State& shard_;
  std::deque<Open> open_;    // oldest first
  std::deque<Wrong> wrong_;  // oldest first
  LoginTicket last_ = 0;
};

}  // namespace postern::shard
