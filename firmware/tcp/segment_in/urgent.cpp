// Sixth step: URG. RFC 9293 §3.10.7.4 "Sixth, check the URG bit". The mechanism is obsolete for new uses (RFC
// 6093 §4) and mail does not use it: urgent data stay in line with all other bytes, the pointer is ignored.
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

Verdict check_urgent(Core& core, Connection&, Arrival& a) {
  if (a.has(wire::kTcpUrg)) ++core.counters.urgent_ignored;
  return Verdict::goes_on;
}

}  // namespace postern::tcp
