// Default routers that advertised themselves: few, each for as long as it said. RFC 4861 §5.1, §6.3.4.
//
// Used only where the settings allow it and no static route fits. A router that does not answer goes to the
// end of the list (RFC 4861 §6.3.6); one more than there is room for is refused, so that a flood of
// advertisements cannot push out the ones in use.
#pragma once

#include <vector>

#include "firmware/net/routes.hpp"
#include "platform/base/time.hpp"

namespace postern::net {

class Routers {
 public:
  static constexpr std::size_t kMost = 4;

  enum class Outcome : std::uint8_t { unchanged, changed, refused };

  Routers() { known_.reserve(kMost); }

  // It advertised itself as a default router for `lifetime`; zero: it is none any more.
  Outcome heard(PortIndex port, const wire::IpAddress& address, Duration lifetime, Instant now);
  // It no longer says it is a router, or does not answer. True where that changed the order.
  bool forget(PortIndex port, const wire::IpAddress& address);
  bool failed(PortIndex port, const wire::IpAddress& address);

  // The route over the first router, on `port` where one is given; null where there is none.
  const Routes::Entry* route(std::optional<PortIndex> port) const;

  // True where one has run out.
  bool advance(Instant now);
  Instant next_deadline() const;
  std::size_t size() const { return known_.size(); }

 private:
  struct Router {
    Routes::Entry entry;
    Instant until;
  };
  std::vector<Router>::iterator find(PortIndex port, const wire::IpAddress& address);

  std::vector<Router> known_;
};

}  // namespace postern::net
