// How large a segment the path takes: RFC 1191 and 8201 by ICMP, checked against what is in flight (RFC 5927
// §4.1), and a guess where ICMP does not come through (RFC 2923 §2.1).
#pragma once

#include "firmware/tcp/core.hpp"

namespace postern::tcp {

void icmp_arrives(Core& core, const IcmpError& error, Instant now);
// RFC 4821 §7.4: the payload of a probe that may leave now, `waiting` bytes being queued; 0 for none. A probe
// is new data, followed by enough to find out about its loss.
std::uint32_t probe_payload(const Core& core, Connection& c, std::uint32_t waiting, Instant now);
void probe_sent(Core& core, Connection& c, std::uint32_t payload);
void probe_arrived(Core& core, Connection& c, Instant now);
void probe_lost(Core& core, Connection& c, Instant now);
// Full segments time out again and again: maybe they are too large for something silent on the path.
void consider_black_hole(Core& core, Connection& c, Instant now);

}  // namespace postern::tcp
