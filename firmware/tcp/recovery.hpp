// What an acknowledgment tells the sender: what was delivered, how long it took, what is lost, and how much
// may be in flight from now on. RFC 5681, 6582, 6675, 6937, 8985, 9438.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

struct Arrival;

// `a.ack` lies in the acceptable range.
void acknowledgment_arrives(Core& core, Connection& c, const Arrival& a);
// The reordering timer fired: what was given time to arrive late has not (RFC 8985 §6.3).
void reordering_timeout(Core& core, Connection& c, Instant now);
// The retransmission timer fired: RFC 6298 §5.4–5.7.
void retransmission_timeout(Core& core, Connection& c, Instant now);

}  // namespace postern::tcp
