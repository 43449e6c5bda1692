// The routing table: networks on our links, static routes, default gateways.
//
// Entries are kept longest prefix first, so the first match is the best one. Link-local destinations are no
// routes: their port has to be said.
#pragma once

#include <optional>
#include <vector>

#include "firmware/net/neighbours.hpp"
#include "firmware/net/settings.hpp"
#include "firmware/wire/address.hpp"

namespace postern::net {

class Routes {
 public:
  struct Entry {
    wire::Prefix destination;
    std::optional<wire::IpAddress> gateway;  // none: the destination is on the link
    PortIndex port = 0;
    mutable NeighbourLink neighbour;  // the gateway's entry, once it was looked up

    const wire::IpAddress& next_hop(const wire::IpAddress& address) const {
      return gateway ? *gateway : address;
    }
  };

  explicit Routes(const Settings& settings);

  // The best route, over `port` where one is given; null where there is none.
  const Entry* find(const wire::IpAddress& destination, std::optional<PortIndex> port = std::nullopt) const;

  // True where a configured gateway has this address: such neighbours are never evicted.
  bool is_gateway(PortIndex port, const wire::IpAddress& address) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace postern::net
