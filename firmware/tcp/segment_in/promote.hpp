// From a handshake to a connection.
#pragma once

#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

// How long the peer took to answer, zero where it is not known, and whether the SYN+ACK was repeated.
struct HandshakeTime {
  Duration answer{0};
  bool repeated = false;
};

// The third packet arrived: makes the connection and lets the segment go through all steps. The handshake is
// in no table any more.
void promote(Core& core, const Handshake& shake, std::uint32_t table_hash, HandshakeTime time, Arrival& a);
// A SYN for a listening port. `beyond`: the last sequence number of an earlier connection of the same flow.
void answer_new_syn(Core& core, Arrival& a, std::uint32_t table_hash, const SeqNumber* beyond);

}  // namespace postern::tcp
