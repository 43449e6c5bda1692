// A datagram for us: its payload goes to TCP, to ICMP, to the kernel, or is refused.
#include "firmware/net/state.hpp"

namespace postern::net {

namespace protocol = wire::protocol;

void Stack::State::deliver_segment(Incoming& in, const Datagram& datagram) {
  // RFC 9293 §3.9.2.3 (MUST-57): a segment to a group is discarded; so is one from nowhere.
  if (datagram.to_group || datagram.source.is_unspecified()) return void(++counters.dropped_martian);
  ++counters.segments_in;
  in.arrival.kind = Arrival::Kind::segment;
  in.arrival.source = datagram.source;
  in.arrival.destination = datagram.destination;
  in.arrival.ecn = datagram.ecn;
  // A device cannot have looked at what it saw in pieces.
  in.arrival.checksum_good = in.frame.checksum == ChecksumState::good && !in.fragmented;
  in.arrival.payload = datagram.payload;
}

void Stack::State::deliver(Incoming& in, const Datagram& datagram) {
  const bool v4 = datagram.destination.is_v4();
  if (datagram.protocol == protocol::kTcp) return deliver_segment(in, datagram);
  if (v4 && datagram.protocol == protocol::kIcmp) return accept_icmpv4(in, datagram);
  if (!v4 && datagram.protocol == protocol::kIcmpv6) return accept_icmpv6(in, datagram);
  if (settings.exception_path) return foreign(in, counters.dropped_protocol);
  ++counters.dropped_protocol;
  const bool udp = datagram.protocol == protocol::kUdp;
  if (v4) {
    // RFC 1122 §3.2.2.1
    const auto code = udp ? wire::icmpv4::kPortUnreachable : wire::icmpv4::kProtocolUnreachable;
    refuse(in, datagram, wire::icmpv4::kUnreachable, code, 0);
  } else if (udp) {
    refuse(in, datagram, wire::icmpv6::kUnreachable, wire::icmpv6::kPortUnreachable, 0);
  } else {
    // RFC 8200 §4
    refuse(in, datagram, wire::icmpv6::kParameterProblem, wire::icmpv6::kUnknownNextHeader,
           datagram.protocol_pointer);
  }
}

}  // namespace postern::net
