// What time does: our addresses become ours and are announced, neighbours and fragments run out of patience.
#include <algorithm>

#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

constexpr Duration kDetection = std::chrono::seconds(1);  // RFC 4862 §5.4, with RetransTimer of RFC 4861 §10
constexpr std::uint8_t kMoreProbes = 3;                   // RFC 7527 §4.1, with RFC 4861 §10
// RFC 5227 §1.1
constexpr Duration kProbeWait = std::chrono::seconds(1);
constexpr Duration kProbeInterval = std::chrono::seconds(1);  // at least; at most twice that
constexpr Duration kAnnounceWait = std::chrono::seconds(2);
constexpr std::uint8_t kAnnouncements = 2;
constexpr Duration kAnnounceInterval = std::chrono::seconds(2);
constexpr Duration kDefendInterval = std::chrono::seconds(10);

}  // namespace

void Stack::State::conflict(LocalAddress& own, Instant now) {
  if (own.state == LocalAddress::State::tentative) {
    // RFC 4862 §5.4.5, RFC 5227 §2.1.1: it stays unused until somebody changes the settings.
    own.state = LocalAddress::State::duplicate;
    ++counters.address_duplicates;
    destinations.forget_all();
    return;
  }
  ++counters.address_conflicts;
  // RFC 5227 §2.4 (b): defended once in a while, and kept.
  if (!own.address().is_v4() || !settings.leader || !own.usable() || now < own.next_defence) return;
  own.next_defence = now + kDefendInterval;
  announce_arp(own);
}

// Anything from zero to `range`, different for each address and each of its probes.
Duration Stack::State::spread(const LocalAddress& own, Duration range) const {
  const wire::Nonce chance = nonce_of(own, static_cast<std::uint8_t>(0x80 + own.probes));
  return range * load_be16(chance.data()) / 0x10000;
}

// Tests of an address that is not ours yet, one per step. False where they are over.
bool Stack::State::still_testing(LocalAddress& own, Instant now) {
  const bool v4 = own.address().is_v4();
  if (!own.begun && v4) {
    own.deadline = now + spread(own, kProbeWait);
    return true;
  }
  if (own.probes == own.probes_wanted) {
    if (!own.looped || own.probes > kMoreProbes) return false;
    // RFC 7527 §4.1: the wire has a loop, so a few tests more. Then the address is ours even if the loop
    // stays: it has shown nobody else.
    own.probes_wanted = static_cast<std::uint8_t>(own.probes + kMoreProbes);
  }
  if (settings.leader) v4 ? probe_arp(own) : probe_duplicate(own);
  ++own.probes;
  const bool last = own.probes == own.probes_wanted;
  own.deadline = now + (!v4    ? kDetection
                        : last ? kAnnounceWait
                               : kProbeInterval + spread(own, kProbeInterval));
  return true;
}

// One step of an address's life; sets when the next one is due.
void Stack::State::advance_address(LocalAddress& own, Instant now) {
  own.deadline = kNever;
  if (own.state == LocalAddress::State::duplicate) return;
  const bool v4 = own.address().is_v4();
  if (!own.begun && !v4 && settings.leader) report_groups(own.port, wire::ListenerRecord::to_exclude);
  if (own.state == LocalAddress::State::tentative) {
    const bool testing = still_testing(own, now);
    own.begun = true;
    if (testing) return;
    own.state = LocalAddress::State::preferred;
    destinations.forget_all();
  }
  own.begun = true;
  if (!settings.leader || own.announcements == kAnnouncements) return;
  v4 ? announce_arp(own) : announce_nd(own);
  if (++own.announcements < kAnnouncements) own.deadline = now + kAnnounceInterval;
}

void Stack::State::advance_addresses(Instant now) {
  if (now < own_deadline) return;
  own_deadline = kNever;
  for (auto& own : local.all()) {
    if (own.deadline <= now) advance_address(own, now);
    own_deadline = std::min(own_deadline, own.deadline);
  }
}

void Stack::State::advance(Instant now) {
  advance_addresses(now);
  advance_searches(now);
  if (routers.advance(now)) destinations.forget_all();
  for (Neighbour* neighbour : neighbours.due(now)) {
    const PortIndex port = neighbour->port;
    const wire::IpAddress address = neighbour->address;
    if (neighbours.retry(*neighbour, now)) {
      ask(*neighbour);
    } else {
      router_lost(port, address, false);
    }
  }
  reassembly.advance(now, [&](const Reassembly::Expired& expired) { give_up(expired, now); });
}

Instant Stack::State::next_deadline() const {
  return std::min({own_deadline, neighbours.next_deadline(), reassembly.next_deadline(),
                   routers.next_deadline(), next_search()});
}

}  // namespace postern::net
