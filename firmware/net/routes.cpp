// The routing table; see routes.hpp.
#include "firmware/net/routes.hpp"

#include <algorithm>

namespace postern::net {

Routes::Routes(const Settings& settings) {
  for (std::size_t port = 0; port < settings.interfaces.size(); ++port) {
    for (const auto& prefix : settings.interfaces[port].addresses) {
      entries_.push_back({prefix, std::nullopt, static_cast<PortIndex>(port), {}});
    }
  }
  for (const auto& route : settings.routes)
    entries_.push_back({route.destination, route.gateway, route.port, {}});
  std::ranges::stable_sort(
      entries_, [](const Entry& a, const Entry& b) { return a.destination.length > b.destination.length; });
}

const Routes::Entry* Routes::find(const wire::IpAddress& destination, std::optional<PortIndex> port) const {
  for (const auto& entry : entries_) {
    if ((!port || entry.port == *port) && entry.destination.contains(destination)) return &entry;
  }
  return nullptr;
}

bool Routes::is_gateway(PortIndex port, const wire::IpAddress& address) const {
  return std::ranges::any_of(
      entries_, [&](const Entry& entry) { return entry.port == port && entry.gateway == address; });
}

}  // namespace postern::net
