// Who has an IPv6 address on our links. RFC 4861 §7; duplicates, RFC 4862 §5.4; fragments, RFC 6980.
#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

const wire::IpAddress& all_nodes() {
  static const wire::IpAddress address = *wire::IpAddress::parse("ff02::1");
  return address;
}

bool is_station(const std::optional<wire::MacAddress>& mac) {
  return mac && !mac->is_multicast() && *mac != wire::MacAddress{};
}

// RFC 4861 §7.1.1: a host that tests an address asks from nowhere, only the address's own group, and without
// a MAC address.
bool is_consistent(const Datagram& datagram, const wire::NeighbourSolicitation& asked) {
  if (!datagram.source.is_unspecified()) return true;
  return datagram.destination == wire::solicited_node(asked.target) && !asked.source_mac;
}

}  // namespace

bool Stack::State::is_trusted_nd(Incoming& in, const Datagram& datagram) {
  if (in.fragmented) {
    ++counters.dropped_nd_fragment;  // RFC 6980 §5
    return false;
  }
  if (datagram.hop_limit != kNdHopLimit) {
    ++counters.dropped_nd;
    return false;
  }
  in.arrival.share = true;
  return true;
}

void Stack::State::accept_solicitation(Incoming& in, const Datagram& datagram) {
  if (!is_trusted_nd(in, datagram)) return;
  const auto asked = wire::NeighbourSolicitation::parse(datagram.payload);
  if (!asked || !is_consistent(datagram, *asked)) return void(++counters.dropped_nd);
  LocalAddress* own = local.find(asked->target);
  if (own == nullptr || own->port != in.port) return foreign(in, counters.dropped_not_ours);
  const bool test = datagram.source.is_unspecified();
  if (test && is_own_test(*own, *asked)) {
    own->looped = true;
    return void(++counters.tests_looped);
  }
  if (!own->usable()) {
    // RFC 4862 §5.4.3: two tests of one address at once end both.
    if (test && own->state == LocalAddress::State::tentative) return conflict(*own, in.now);
    return void(++counters.dropped_tentative);
  }
  const bool known = is_station(asked->source_mac);
  if (!test && known && is_on_link(in.port, datagram.source)) {
    const bool gateway = routes.is_gateway(in.port, datagram.source);
    neighbours.heard(in.port, datagram.source, *asked->source_mac, gateway, in.now);
  }
  if (!settings.leader) return;
  // RFC 4861 §7.2.4
  if (test) return advertise(*own, wire::multicast_mac(all_nodes()), all_nodes(), false);
  advertise(*own, known ? *asked->source_mac : in.from, datagram.source, true);
}

// RFC 7527 §4.1: each test carries a number of its own, unlike any other host's. Nothing is stored: the
// numbers come from the key and the count.
wire::Nonce Stack::State::nonce_of(const LocalAddress& own, std::uint8_t probe) const {
  std::array<std::uint8_t, 18> from;
  std::memcpy(from.data(), own.address().bytes.data(), 16);
  from[16] = own.port;
  from[17] = probe;
  const std::uint64_t value = siphash(settings.key, from);
  wire::Nonce nonce;
  std::memcpy(nonce.data(), &value, nonce.size());
  return nonce;
}

// RFC 7527 §4.2: a test that we sent ourselves came back, over a loop or a mirror in the network.
bool Stack::State::is_own_test(const LocalAddress& own, const wire::NeighbourSolicitation& asked) const {
  for (std::uint8_t probe = 0; asked.nonce && probe < own.probes; ++probe) {
    if (*asked.nonce == nonce_of(own, probe)) return true;
  }
  return false;
}

void Stack::State::accept_advertisement(Incoming& in, const Datagram& datagram) {
  if (!is_trusted_nd(in, datagram)) return;
  const auto said = wire::NeighbourAdvertisement::parse(datagram.payload);
  if (!said || (datagram.to_group && said->solicited)) return void(++counters.dropped_nd);
  in.arrival.copy_to_kernel = settings.exception_path;
  LocalAddress* own = local.find(said->target);
  if (own != nullptr && in.from == mac(in.port)) return void(++counters.dropped_own_source);
  if (own != nullptr) return conflict(*own, in.now);
  if (local.find(datagram.source) != nullptr) return void(++counters.dropped_own_source);
  if (said->target_mac && !is_station(said->target_mac)) return void(++counters.dropped_nd);
  if (!said->router) router_lost(in.port, said->target, true);
  Neighbour* neighbour = neighbours.find(in.port, said->target);
  if (neighbour == nullptr) return;  // RFC 4861 §7.2.5: nobody asked
  neighbours.advertised(*neighbour,
                        {.mac = said->target_mac ? &*said->target_mac : nullptr,
                         .solicited = said->solicited,
                         .override_entry = said->override_entry},
                        in.now);
}

void Stack::State::advertise(const LocalAddress& own, const wire::MacAddress& to,
                             const wire::IpAddress& destination, bool solicited) {
  send_nd(own.port, to, own.address(), destination,
          wire::NeighbourAdvertisement{.target = own.address(),
                                       .solicited = solicited,
                                       .override_entry = true,
                                       .target_mac = mac(own.port)});
}

void Stack::State::announce_nd(const LocalAddress& own) {
  advertise(own, wire::multicast_mac(all_nodes()), all_nodes(), false);
}

void Stack::State::ask_nd(const Neighbour& neighbour) {
  const LocalAddress* own = local.source_for(neighbour.port, neighbour.address, neighbour.address);
  if (own == nullptr) return;
  const bool known = neighbour.state == Neighbour::State::probe;
  const auto group = wire::solicited_node(neighbour.address);
  send_nd(neighbour.port, known ? neighbour.mac : wire::multicast_mac(group), own->address(),
          known ? neighbour.address : group,
          wire::NeighbourSolicitation{neighbour.address, mac(neighbour.port), std::nullopt});
}

// RFC 4862 §5.4.2
void Stack::State::probe_duplicate(const LocalAddress& own) {
  const auto group = wire::solicited_node(own.address());
  send_nd(own.port, wire::multicast_mac(group), wire::IpAddress{}, group,
          wire::NeighbourSolicitation{own.address(), std::nullopt, nonce_of(own, own.probes)});
}

}  // namespace postern::net
