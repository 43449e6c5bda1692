// Fourth step: SYN in a synchronized state. RFC 9293 §3.10.7.4 "Fourth, check the SYN bit", RFC 5961 §4.2:
// whatever its sequence number, it is answered with an acknowledgment; a peer that has lost its state will
// answer with RST.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

Verdict check_syn(Core& core, Connection& c, Arrival& a) {
  if (!a.has(wire::kTcpSyn)) return Verdict::goes_on;
  challenge(core, c, a.now);
  return Verdict::done;
}

}  // namespace postern::tcp
