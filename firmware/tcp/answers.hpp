// Segments that answer a segment and belong to no send queue: resets, SYN+ACKs, acknowledgments out of
// TIME-WAIT, and challenges. RFC 9293 §3.10.7, RFC 5961.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

struct Arrival;

// RFC 9293 §3.10.7.1: the reset that refuses `a`.
void answer_with_reset(Core& core, const Arrival& a);
// The reset that ends `c` from our side.
void reset_peer(Core& core, const Connection& c);
void answer_syn(Core& core, const Handshake& shake, std::uint32_t timestamp, Instant now);
void answer_half_open(Core& core, const Handshake& shake, Instant now);
void repeat_syn_ack(Core& core, HalfOpen& record, Instant now);
void forget_half_open(Core& core, std::uint32_t slot);

// An acknowledgment for a segment that is suspicious or not for us, at most so many per connection and
// second; how many differs between connections, so that the limit cannot be counted out (RFC 5961 §7).
void challenge(Core& core, Connection& c, Instant now);

// The same for data outside the window: more of them are honest, but two ends that do not understand each
// other must not keep answering.
void answer_useless_data(Core& core, Connection& c, Instant now);

void answer_time_wait(Core& core, const TimeWait& record, Instant now);
void remember_time_wait(Core& core, TimeWait record, Instant now);
void forget_time_wait(Core& core, std::uint32_t slot);

}  // namespace postern::tcp
