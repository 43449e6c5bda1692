// One arrived segment on its way through the steps of RFC 9293 §3.10.7, and the steps.
//
// A step looks at one thing, says whether the segment goes on, and may trim it: after check_sequence()
// nothing of it lies outside the window.
#pragma once

#include "firmware/tcp/core.hpp"
#include "firmware/wire/tcp.hpp"

namespace postern::tcp {

struct Arrival {
  wire::Flow flow;  // local is the segment's destination
  SeqNumber seq;
  SeqNumber ack;
  std::uint8_t flags = 0;
  std::uint8_t ecn = 0;      // of the IP header
  std::uint16_t window = 0;  // as on the wire
  std::uint16_t urgent_pointer = 0;
  wire::TcpOptions options;
  Bytes payload;
  Instant now{};

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  // SEG.LEN: the SYN and the FIN count.
  std::uint32_t length() const {
    return static_cast<std::uint32_t>(payload.size()) + (has(wire::kTcpSyn) ? 1u : 0u) +
           (has(wire::kTcpFin) ? 1u : 0u);
  }
  SeqNumber end() const { return seq + length(); }
};

enum class Verdict : bool { done, goes_on };

// RFC 9293 §3.10.7.4, in the RFC's order.
Verdict check_sequence(Core& core, Connection& c, Arrival& a);
Verdict check_rst(Core& core, Connection& c, Arrival& a);
Verdict check_syn(Core& core, Connection& c, Arrival& a);
Verdict check_ack(Core& core, Connection& c, Arrival& a);
Verdict check_urgent(Core& core, Connection& c, Arrival& a);
Verdict take_text(Core& core, Connection& c, Arrival& a);
Verdict take_fin(Core& core, Connection& c, Arrival& a);

// The other states: §3.10.7.1, .2, .3, and the two that live outside the connection table.
void arrives_without_connection(Core& core, Arrival& a, std::uint32_t table_hash);
void arrives_in_syn_sent(Core& core, Connection& c, Arrival& a);
void arrives_half_open(Core& core, std::uint32_t slot, Arrival& a);
void arrives_in_time_wait(Core& core, std::uint32_t slot, Arrival& a);
// A synchronized connection: all seven steps.
void arrives(Core& core, Connection& c, Arrival& a);

// Puts what the peer said in its SYN, and the first window, into a connection.
void adopt_handshake(Core& core, Connection& c, const Handshake& shake, Instant now);
// Both SYNs are acknowledged: timers, events.
void establish(Core& core, Connection& c, EventKind kind, Instant now);
// The state after our FIN was acknowledged and the peer's was reached.
void enter_time_wait(Core& core, Connection& c, Instant now);

}  // namespace postern::tcp
