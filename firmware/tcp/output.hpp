// What leaves: which connection, which piece, and the segment itself.
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

// The next segment of the engine, as Engine::emit() promises.
bool emit(Core& core, MutableBytes room, OutgoingSegment& out, Instant now);

// An acknowledgment leaves with the next emit(), on data or alone.
void acknowledge_now(Core& core, Connection& c);
// One is owed: it leaves with the next data, or when the delayed-ACK time is over (RFC 9293 §3.8.6.3).
void acknowledge_later(Core& core, Connection& c, Instant now);
// Puts the connection into the output list where it has data, a FIN or a retransmission to offer.
void want_output_if_any(Core& core, Connection& c);
// The application has read: a window that grew by enough is told to the peer.
void consider_window_update(Core& core, Connection& c);

}  // namespace postern::tcp
