// Who checks a user's password for a shard: it costs tens of milliseconds, so it happens on another thread.
//
// Nothing here waits. Only the shard's own thread calls.
#pragma once

#include <cstdint>

#include "firmware/smtp/server.hpp"

namespace postern::shard {

using LoginTicket = std::uint64_t;

class LoginSource {
 public:
  virtual ~LoginSource() = default;
  // False: too many are being checked.
  virtual bool ask(LoginTicket ticket, const smtp::Login& login) = 0;
  // The next answer.
  virtual bool ready(LoginTicket& ticket, smtp::LoginAnswer& answer) = 0;
};

// Where there are no users.
class NoLoginSource final : public LoginSource {
 public:
  bool ask(LoginTicket, const smtp::Login&) override { return false; }
  bool ready(LoginTicket&, smtp::LoginAnswer&) override { return false; }
};

}  // namespace postern::shard
