// What the shard knows of each of its sessions, inbound or outbound: a connection with work attached.
#pragma once

#include "firmware/spool/spool.hpp"
#include "firmware/tcp/engine.hpp"
#include "platform/base/time.hpp"

namespace postern::shard {

class Session {
 public:
  virtual ~Session() = default;

  // Something happened to the connection. After reset, timed_out and closed the session is destroyed.
  virtual void on_event(tcp::EventKind kind) = 0;
  // Goes on until something is missing; bounded work.
  virtual void run() = 0;
  // Something happened to the message this session waits for.
  virtual void on_spool(const spool::Event& event) = 0;
  // When on_deadline() wants to be called; looked at about ten times a second.
  virtual Instant deadline() const = 0;
  virtual void on_deadline() = 0;
  // The box is stopping.
  virtual void shut_down() = 0;
};

}  // namespace postern::shard
