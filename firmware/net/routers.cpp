// Default routers learnt from advertisements; see routers.hpp.
#include "firmware/net/routers.hpp"

#include <algorithm>

namespace postern::net {

std::vector<Routers::Router>::iterator Routers::find(PortIndex port, const wire::IpAddress& address) {
  return std::ranges::find_if(known_, [&](const Router& router) {
    return router.entry.port == port && router.entry.gateway == address;
  });
}

Routers::Outcome Routers::heard(PortIndex port, const wire::IpAddress& address, Duration lifetime,
                                Instant now) {
  const auto router = find(port, address);
  if (lifetime <= Duration::zero()) return forget(port, address) ? Outcome::changed : Outcome::unchanged;
  if (router != known_.end()) {
    router->until = now + lifetime;
    return Outcome::unchanged;
  }
  if (known_.size() == kMost) return Outcome::refused;
  known_.push_back({{wire::Prefix{}, address, port, {}}, now + lifetime});
  return Outcome::changed;
}

bool Routers::forget(PortIndex port, const wire::IpAddress& address) {
  const auto router = find(port, address);
  if (router == known_.end()) return false;
  known_.erase(router);
  return true;
}

bool Routers::failed(PortIndex port, const wire::IpAddress& address) {
  const auto router = find(port, address);
  if (router == known_.end() || known_.size() == 1) return false;
  std::rotate(router, router + 1, known_.end());
  return true;
}

const Routes::Entry* Routers::route(std::optional<PortIndex> port) const {
  for (const auto& router : known_) {
    if (!port || router.entry.port == *port) return &router.entry;
  }
  return nullptr;
}

bool Routers::advance(Instant now) {
  return std::erase_if(known_, [&](const Router& router) { return router.until <= now; }) > 0;
}

Instant Routers::next_deadline() const {
  Instant next = kNever;
  for (const auto& router : known_) next = std::min(next, router.until);
  return next;
}

}  // namespace postern::net
