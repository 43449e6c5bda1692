// A frame comes in: Ethernet, and whether its destination concerns us.
#include "firmware/net/state.hpp"

namespace postern::net {

void Stack::State::foreign(Incoming& in, Counter& counter) {
  if (settings.exception_path) {
    ++counters.frames_exception;
    in.arrival.kind = Arrival::Kind::exception;
  } else {
    ++counter;
  }
}

bool Stack::State::is_for_us(Incoming& in, const wire::IpAddress& destination, bool is_group) {
  if (is_group) {
    if (!destination.is_v4() && local.listens_to(in.port, destination)) return true;
    foreign(in, counters.dropped_not_ours);
    return false;
  }
  const LocalAddress* own = local.find(destination);
  if (own == nullptr) {
    foreign(in, counters.dropped_not_ours);
  } else if (own->port != in.port) {
    // The strong host model, RFC 1122 §3.3.4.2: an address belongs to its port.
    ++counters.dropped_wrong_port;
  } else if (!own->usable()) {
    ++counters.dropped_tentative;
  } else if (!in.link_unicast) {
    // RFC 1122 §3.3.6
    ++counters.dropped_link_multicast;
  } else {
    return true;
  }
  return false;
}

void Stack::State::accept(Incoming& in) {
  const auto ethernet = wire::EthernetView::open(in.frame.bytes());
  if (!ethernet) return void(++counters.dropped_ethernet);
  if (ethernet->vlan() != 0) return foreign(in, counters.dropped_vlan);
  const auto to = ethernet->destination();
  in.from = ethernet->source();
  in.link_unicast = to == mac(in.port);
  if (!in.link_unicast && !to.is_multicast()) return void(++counters.dropped_foreign_mac);
  switch (ethernet->type()) {
    case wire::EtherType::ipv4:
      return accept_ipv4(in, ethernet->payload());
    case wire::EtherType::ipv6:
      return accept_ipv6(in, ethernet->payload());
    case wire::EtherType::arp:
      return accept_arp(in, ethernet->payload());
    default:
      return foreign(in, counters.dropped_ethertype);
  }
}

Arrival Stack::accept(PortIndex port, const Frame& frame, Instant now) {
  State& state = *state_;
  ++state.counters.frames_in;
  Arrival arrival;
  Incoming in{.port = port, .frame = frame, .now = now, .arrival = arrival};
  if (port >= state.settings.interfaces.size()) {
    ++state.counters.dropped_port;
  } else if (frame.checksum == ChecksumState::bad) {
    ++state.counters.dropped_device_checksum;
  } else {
    state.accept(in);
  }
  return arrival;
}

}  // namespace postern::net
