// Second step: RST. RFC 9293 §3.10.7.4 "Second, check the RST bit", which took over RFC 5961 §3.2.
#include "firmware/tcp/answers.hpp"
#include "firmware/tcp/segment_in/arrival.hpp"

namespace postern::tcp {

Verdict check_rst(Core& core, Connection& c, Arrival& a) {
  if (!a.has(wire::kTcpRst)) return Verdict::goes_on;
  if (a.seq != c.receive_next) {
    challenge(core, c, a.now);
    return Verdict::done;
  }
  ++core.counters.resets_in;
  core.end(c, EventKind::reset);
  return Verdict::done;
}

}  // namespace postern::tcp
