// A connection's three deadlines and its one node on the wheel.
//
// The node is moved only when a deadline comes to lie before it; where a deadline moves away or is taken back
// the node stays, fires for nothing and is armed again. So a busy connection touches the wheel once per
// time-out, not once per segment.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

// Makes sure the node fires no later than the earliest deadline.
void rearm(Core& core, Connection& c);
// The retransmission timer for what is in flight counts from now (RFC 6298 §5.1, §5.3).
void restart_retransmission(Core& core, Connection& c, Instant now);
// New data left: the tail is probed later (RFC 8985 §7.2), the time-out stays where it was.
void schedule_retransmission(Core& core, Connection& c, Instant now);
void stop_retransmission(Connection& c);
// How long a silent peer is waited for in FIN-WAIT-2; less where many are (nothing of ours is at stake
// there).
Duration fin_wait_patience(const Core& core);
// Seconds, for marks that need no more than 16 bits.
inline std::uint16_t second_of(Instant now) {
  return static_cast<std::uint16_t>(now.time_since_epoch() / 1s);
}
// The wheel reached this node.
void timer_fires(Core& core, OwnedTimer& timer, Instant now);
// Lets the oldest TIME-WAIT records go that have expired, at most `limit`.
void expire_time_wait(Core& core, Instant now, std::size_t limit);

}  // namespace postern::tcp
