// An IPv6 datagram comes in: header, source, extension headers, fragments. RFC 8200.
#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

// RFC 4291 §2.5.3, §2.7; and a mapped IPv4 address must not pass for IPv4 (RFC 4942 §2.2).
bool is_martian(const wire::IpAddress& source) {
  return source.is_multicast() || source.is_loopback() || source.is_v4();
}

// An answer to our duplicate address detection may come from the very address; see nd.cpp.
bool is_advertisement(const wire::Ipv6View& view) {
  return view.next_header() == wire::protocol::kIcmpv6 && !view.payload().empty() &&
         view.payload()[0] == wire::icmpv6::kNeighbourAdvertisement;
}

// RFC 7112 §5: the first fragment holds every header up to and including the transport's.
bool chain_is_whole(const wire::FragmentView& fragment) {
  constexpr std::size_t kTcpHeader = 20;
  const auto walk = wire::walk_extensions(fragment.next_header(), fragment.payload(), false);
  if (walk.end == wire::Ipv6Walk::End::cut) return false;
  const bool is_tcp = walk.end == wire::Ipv6Walk::End::upper && walk.protocol == wire::protocol::kTcp;
  return walk.rest.size() >= (is_tcp ? kTcpHeader : wire::kIcmpHeader);
}

}  // namespace

// True where a whole datagram is there: `first` and `payload` then say what the walk goes on with.
bool Stack::State::reassemble_ipv6(Incoming& in, Datagram& datagram, Bytes bytes, std::uint8_t& first,
                                   Bytes& payload) {
  const auto fragment = wire::FragmentView::open(bytes);
  if (!fragment) {
    ++counters.dropped_fragment;
    return false;
  }
  in.fragmented = true;
  first = fragment->next_header();
  // RFC 6946 §4: an atomic fragment is a whole datagram, whatever else is being put together.
  if (fragment->is_atomic()) {
    payload = fragment->payload();
    return true;
  }
  if (first == wire::protocol::kUdp && settings.exception_path) {
    foreign(in, counters.dropped_protocol);
    return false;
  }
  if (fragment->offset() == 0 && !chain_is_whole(*fragment)) {
    ++counters.dropped_fragment_tiny;
    return false;
  }
  payload = reassembly.accept({.source = datagram.source,
                               .destination = datagram.destination,
                               .identification = fragment->identification(),
                               .protocol = first,
                               .port = in.port,
                               .offset = fragment->offset(),
                               .more = fragment->more_fragments(),
                               .payload = fragment->payload(),
                               .header = quotable(in, datagram.quoted, fragment->payload()),
                               .from = in.from},
                              in.now);
  return !payload.empty();
}

// `whole`: no fragment header was met yet. There may be one, not two.
void Stack::State::walk_ipv6(Incoming& in, Datagram& datagram, std::uint8_t first, Bytes payload,
                             bool whole) {
  using End = wire::Ipv6Walk::End;
  const auto walk = wire::walk_extensions(first, payload, whole);
  if (walk.end == End::upper) {
    datagram.protocol = walk.protocol;
    datagram.protocol_pointer = walk.pointer;
    datagram.payload = walk.rest;
    return deliver(in, datagram);
  }
  if (walk.end == End::fragment && whole) {
    if (reassemble_ipv6(in, datagram, walk.rest, first, payload))
      walk_ipv6(in, datagram, first, payload, false);
    return;
  }
  ++counters.dropped_ipv6;
  if (walk.end == End::problem)
    refuse(in, datagram, wire::icmpv6::kParameterProblem, walk.code, walk.pointer);
}

void Stack::State::accept_ipv6(Incoming& in, Bytes packet) {
  const auto view = wire::Ipv6View::open(packet);
  if (!view) return void(++counters.dropped_ipv6);
  Datagram datagram{.source = view->source(),
                    .destination = view->destination(),
                    .hop_limit = view->hop_limit(),
                    .ecn = view->ecn(),
                    .quoted = view->bytes()};
  if (is_martian(datagram.source) || datagram.destination.is_v4()) return void(++counters.dropped_martian);
  if (local.find(datagram.source) != nullptr && !is_advertisement(*view)) {
    return void(++counters.dropped_own_source);
  }
  datagram.to_group = datagram.destination.is_multicast();
  if (!is_for_us(in, datagram.destination, datagram.to_group)) return;
  walk_ipv6(in, datagram, view->next_header(), view->payload(), true);
}

}  // namespace postern::net
