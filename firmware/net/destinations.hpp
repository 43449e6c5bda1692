// Remembers where the last datagrams went: route, source address and neighbour of a destination.
//
// A direct-mapped cache: a collision costs a look into the tables, nothing else. It is emptied by raising its
// epoch whenever an address of ours comes or goes.
#pragma once

#include <vector>

#include "firmware/net/neighbours.hpp"
#include "firmware/net/routes.hpp"
#include "firmware/wire/address.hpp"
#include "platform/base/bytes.hpp"

namespace postern::net {

struct Destination {
  static constexpr std::uint8_t kAnyPort = 0xff;

  wire::IpAddress address;
  wire::IpAddress source;
  wire::IpAddress next_hop;
  const Routes::Entry* route = nullptr;  // none where the destination is link-local
  NeighbourLink neighbour;
  std::uint32_t epoch = 0;
  PortIndex port = 0;
  bool best = false;  // the best of all ports, not only of the one that was asked for
};

class Destinations {
 public:
  Destinations() : entries_(kEntries) {}

  // The place for a destination over `wanted`, a port or kAnyPort; `fresh` says whether it already holds it.
  Destination& at(const wire::IpAddress& address, std::uint8_t wanted, bool& fresh) {
    Destination& entry = entries_[index(address)];
    const bool port_fits = wanted == Destination::kAnyPort ? entry.best : entry.port == wanted;
    fresh = entry.epoch == epoch_ && port_fits && entry.address == address;
    return entry;
  }
  std::uint32_t epoch() const { return epoch_; }
  void forget_all() { ++epoch_; }

 private:
  static constexpr std::size_t kEntries = 1024;

  static std::size_t index(const wire::IpAddress& address) {
    const std::uint64_t folded = load_be64(address.bytes.data()) ^ load_be64(address.bytes.data() + 8);
    return (folded * 0x9e3779b97f4a7c15u) >> 54;
  }

  std::vector<Destination> entries_;
  std::uint32_t epoch_ = 1;
};

}  // namespace postern::net
