// The keys that seal TLS session tickets: made here, changed by schedule, the same for all cores (RFC 5077
// §4).
#pragma once

#include "firmware/ipc/tickets.hpp"
#include "platform/base/time.hpp"

namespace postern::control {

class TicketKeys {
 public:
  // Makes a new first key; the oldest of three falls out.
  void rotate(Instant now);
  // The data plane already has a key of that age from an earlier control: the next one waits its turn.
  void adopt(Instant made);
  bool due(Instant now, Duration rotation) const { return now - made_ >= rotation; }
  const ipc::Tickets& keys() const { return keys_; }
  ~TicketKeys();

 private:
  ipc::Tickets keys_;
  Instant made_{};
};

}  // namespace postern::control
