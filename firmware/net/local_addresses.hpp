// Our addresses: which port, which network, and whether they may be used yet.
//
// An address is tentative until it was tested, where the settings ask for that, and is given up for good
// where somebody else has it. RFC 4862 §5.4, RFC 5227 §2.1. A port with an IPv6 address also has a link-local
// one.
#pragma once

#include <vector>

#include "firmware/net/settings.hpp"
#include "firmware/wire/address.hpp"

namespace postern::net {

struct LocalAddress {
  enum class State : std::uint8_t { tentative, preferred, duplicate };

  wire::Prefix prefix;  // the address itself, and the length of its network
  PortIndex port = 0;
  State state = State::preferred;
  bool begun = false;                     // the first step of its life is done
  bool looped = false;                    // a test of ours came back: test a few times more
  std::uint8_t probes = 0;                // tests sent
  std::uint8_t probes_wanted = 0;         // before it is ours
  std::uint8_t announcements = 0;         // said so far
  Instant deadline = Instant::min();      // of its next step: end of the detection, next announcement
  Instant next_defence = Instant::min();  // RFC 5227 §2.4: when we may stand up for it again

  const wire::IpAddress& address() const { return prefix.address; }
  bool usable() const { return state == State::preferred; }
};

class LocalAddresses {
 public:
  explicit LocalAddresses(const Settings& settings);

  LocalAddress* find(const wire::IpAddress& address) {
    for (auto& local : addresses_) {
      if (local.address() == address) return &local;
    }
    return nullptr;
  }
  const LocalAddress* find(const wire::IpAddress& address) const {
    return const_cast<LocalAddresses*>(this)->find(address);
  }

  // An address on the same link as `neighbour`, or null.
  const LocalAddress* on_link(PortIndex port, const wire::IpAddress& neighbour) const;
  // The port's own link-local IPv6 address, once it is ours, or null.
  const LocalAddress* link_local(PortIndex port) const;
  // The address of ours that goes with `destination` over `port`, or null. `next_hop` is on the link.
  const LocalAddress* source_for(PortIndex port, const wire::IpAddress& destination,
                                 const wire::IpAddress& next_hop) const;
  // True for the IPv6 groups we listen to: all nodes, and the solicited-node groups of our addresses.
  bool listens_to(PortIndex port, const wire::IpAddress& group) const;
  // True for a broadcast address of a network of ours, as RFC 1122 §3.2.1.3 lists them; `address` is IPv4.
  bool is_broadcast(PortIndex port, const wire::IpAddress& address) const {
    const std::uint32_t value = load_be32(address.v4_bytes());
    for (const auto& known : broadcasts_) {
      const std::uint32_t host = value & ~known.mask;
      if (known.port == port && value - host == known.network && (host == 0 || host == ~known.mask))
        return true;
    }
    return value == 0xffffffff;
  }

  std::vector<LocalAddress>& all() { return addresses_; }
  const std::vector<LocalAddress>& all() const { return addresses_; }

 private:
  struct Broadcasts {
    std::uint32_t network;
    std::uint32_t mask;
    PortIndex port;
  };

  void add(const wire::Prefix& prefix, PortIndex port, const Settings& settings);

  std::vector<LocalAddress> addresses_;
  std::vector<Broadcasts> broadcasts_;  // one per IPv4 network
};

}  // namespace postern::net
