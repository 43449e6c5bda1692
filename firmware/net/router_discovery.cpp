// Routers are asked for and believed where the settings say so. RFC 4861 §6.1.2, §6.3.
//
// Only default routers are taken from advertisements. Addresses, on-link prefixes and the MTU come from the
// settings: a server that others find by its address does not let a stranger on the link change it.
#include <algorithm>

#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

constexpr std::uint8_t kMostSolicitations = 3;  // RFC 4861 §10
constexpr Duration kSolicitationInterval = std::chrono::seconds(4);

const wire::IpAddress& all_routers() {
  static const wire::IpAddress address = *wire::IpAddress::parse("ff02::2");
  return address;
}

}  // namespace

void Stack::State::accept_router_advertisement(Incoming& in, const Datagram& datagram) {
  if (!settings.router_advertisements) return foreign(in, counters.dropped_router_advertisement);
  if (!is_trusted_nd(in, datagram)) return;
  const auto said = wire::RouterAdvertisement::parse(datagram.payload);
  // RFC 4861 §6.1.2: a router speaks from its link-local address.
  const bool valid = said && datagram.source.is_link_local() && local.find(datagram.source) == nullptr;
  if (!valid) return void(++counters.dropped_nd);
  in.arrival.copy_to_kernel = settings.exception_path;
  searches[in.port].deadline = kNever;  // RFC 4861 §6.3.7: one answer is enough
  const auto lifetime = std::chrono::seconds(said->lifetime_seconds);
  const auto outcome = routers.heard(in.port, datagram.source, lifetime, in.now);
  if (outcome == Routers::Outcome::refused) return void(++counters.routers_full);
  if (outcome == Routers::Outcome::changed) destinations.forget_all();
  ++counters.router_advertisements;
  if (said->source_mac && !said->source_mac->is_multicast()) {
    neighbours.heard(in.port, datagram.source, *said->source_mac, false, in.now);
  }
}

// RFC 4861 §7.2.5, §6.3.6: who stopped being a router, and who does not answer, is not the way out.
void Stack::State::router_lost(PortIndex port, const wire::IpAddress& address, bool for_good) {
  const bool changed = for_good ? routers.forget(port, address) : routers.failed(port, address);
  if (changed) destinations.forget_all();
}

// RFC 4861 §6.3.7: up to three questions from the link-local address, once that is ours.
void Stack::State::advance_searches(Instant now) {
  if (!settings.router_advertisements || !settings.leader) return;
  for (PortIndex port = 0; port < searches.size(); ++port) {
    auto& search = searches[port];
    if (now < search.deadline) continue;
    const LocalAddress* own = local.link_local(port);
    search.deadline = now + kSolicitationInterval;
    if (own == nullptr) continue;
    send_nd(port, wire::multicast_mac(all_routers()), own->address(), all_routers(),
            wire::RouterSolicitation{mac(port)});
    if (++search.sent == kMostSolicitations) search.deadline = kNever;
  }
}

Instant Stack::State::next_search() const {
  Instant next = kNever;
  if (!settings.router_advertisements || !settings.leader) return next;
  for (const auto& search : searches) next = std::min(next, search.deadline);
  return next;
}

}  // namespace postern::net
