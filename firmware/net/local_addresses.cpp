// Our addresses; see local_addresses.hpp.
#include "firmware/net/local_addresses.hpp"

#include <algorithm>

namespace postern::net {
namespace {

constexpr std::uint8_t kArpProbes = 3;  // RFC 5227 §1.1
constexpr std::uint8_t kNdProbes = 1;   // RFC 4862 §5.1

bool wants_link_local(const Interface& interface) {
  const auto is_v6 = [](const wire::Prefix& prefix) { return !prefix.address.is_v4(); };
  const auto has_one = [&](const wire::Prefix& p) { return is_v6(p) && p.address.is_link_local(); };
  return std::ranges::any_of(interface.addresses, is_v6) &&
         std::ranges::none_of(interface.addresses, has_one);
}

}  // namespace

LocalAddresses::LocalAddresses(const Settings& settings) {
  for (std::size_t port = 0; port < settings.interfaces.size(); ++port) {
    const auto& interface = settings.interfaces[port];
    const auto index = static_cast<PortIndex>(port);
    for (const auto& prefix : interface.addresses) add(prefix, index, settings);
    // RFC 4862 §5.3
    if (wants_link_local(interface)) add({wire::link_local(interface.mac), 64}, index, settings);
  }
}

void LocalAddresses::add(const wire::Prefix& prefix, PortIndex port, const Settings& settings) {
  const bool v4 = prefix.address.is_v4();
  const bool tentative = v4 ? settings.address_probing : settings.duplicate_address_detection;
  // A network of 31 or 32 bits has no broadcast address (RFC 3021).
  if (prefix.address.is_v4() && prefix.length <= 30) {
    const std::uint32_t mask = prefix.length == 0 ? 0 : 0xffffffffu << (32 - prefix.length);
    broadcasts_.push_back({load_be32(prefix.address.v4_bytes()) & mask, mask, port});
  }
  addresses_.push_back(
      LocalAddress{.prefix = prefix,
                   .port = port,
                   .state = tentative ? LocalAddress::State::tentative : LocalAddress::State::preferred,
                   .probes_wanted = static_cast<std::uint8_t>(v4 ? kArpProbes : kNdProbes)});
}

const LocalAddress* LocalAddresses::on_link(PortIndex port, const wire::IpAddress& neighbour) const {
  for (const auto& local : addresses_) {
    if (local.port == port && local.usable() && local.prefix.contains(neighbour)) return &local;
  }
  return nullptr;
}

const LocalAddress* LocalAddresses::link_local(PortIndex port) const {
  for (const auto& local : addresses_) {
    const bool fits = local.port == port && !local.address().is_v4() && local.address().is_link_local();
    if (fits && local.usable()) return &local;
  }
  return nullptr;
}

const LocalAddress* LocalAddresses::source_for(PortIndex port, const wire::IpAddress& destination,
                                               const wire::IpAddress& next_hop) const {
  // RFC 6724 §5, as much of it as a host with few addresses needs: appropriate scope first, then the address
  // that shares the next hop's network.
  const bool link_scope = destination.is_link_local();
  const LocalAddress* fallback = nullptr;
  for (const auto& local : addresses_) {
    if (local.port != port || !local.usable() || local.address().is_v4() != destination.is_v4()) continue;
    if (!destination.is_v4() && local.address().is_link_local() != link_scope) continue;
    if (local.prefix.contains(next_hop)) return &local;
    if (fallback == nullptr) fallback = &local;
  }
  return fallback;
}

bool LocalAddresses::listens_to(PortIndex port, const wire::IpAddress& group) const {
  static const wire::IpAddress all_nodes = *wire::IpAddress::parse("ff02::1");
  if (group == all_nodes) return true;
  return std::ranges::any_of(addresses_, [&](const LocalAddress& local) {
    return local.port == port && !local.address().is_v4() && wire::solicited_node(local.address()) == group;
  });
}

}  // namespace postern::net
