// Tells switches and routers which IPv6 groups we listen to, so that they send us what is meant for them.
//
// RFC 3810 (MLDv2): a report when an address of ours begins, and one for every query.
#include <algorithm>

#include <boost/container/static_vector.hpp>

#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

constexpr std::size_t kMostGroups = 32;
using Groups = boost::container::static_vector<wire::IpAddress, kMostGroups>;

// RFC 3810 §5: reports carry a hop-by-hop header with a router alert (RFC 2711), padded to eight bytes.
constexpr std::uint8_t kRouterAlert[] = {wire::protocol::kIcmpv6, 0, 5, 2, 0, 0, 1, 0};

Groups groups_of(const LocalAddresses& local, PortIndex port) {
  Groups groups;
  for (const auto& own : local.all()) {
    if (own.port != port || own.address().is_v4() || groups.size() == kMostGroups) continue;
    const auto group = wire::solicited_node(own.address());
    if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
  }
  return groups;
}

}  // namespace

void Stack::State::report_groups(PortIndex port, wire::ListenerRecord kind) {
  static const wire::IpAddress report_group = *wire::IpAddress::parse("ff02::16");
  const Groups groups = groups_of(local, port);
  if (groups.empty()) return;
  // RFC 3810 §5.2.13: from the link-local address, or from nowhere while it is tentative.
  const LocalAddress* own = local.link_local(port);
  const wire::IpAddress source = own != nullptr ? own->address() : wire::IpAddress{};
  const std::size_t size = wire::listener_report_size(groups.size());
  const Draft frame = draft(port, wire::multicast_mac(report_group), source, report_group,
                            wire::protocol::kHopByHop, sizeof kRouterAlert + size, 1);
  if (!frame) return;
  std::memcpy(frame.payload, kRouterAlert, sizeof kRouterAlert);
  std::uint8_t* report = frame.payload + sizeof kRouterAlert;
  wire::write_listener_report(report, kind, groups.data(), groups.size());
  const auto pseudo = wire::pseudo_header_sum(source, report_group, wire::protocol::kIcmpv6,
                                              static_cast<std::uint32_t>(size));
  wire::fill_icmp_checksum({report, size}, pseudo);
  queue(frame.parcel);
}

void Stack::State::accept_listener_query(Incoming& in, const Datagram& datagram) {
  // RFC 3810 §5.1.14: a query comes from the link, or it is ignored.
  if (!datagram.source.is_link_local() || datagram.hop_limit != 1) return void(++counters.dropped_icmp_type);
  if (settings.exception_path) return foreign(in, counters.dropped_icmp_type);
  if (!settings.leader) return;
  if (!error_budget.take(in.now)) return void(++counters.icmp_limited);
  report_groups(in.port, wire::ListenerRecord::is_exclude);
}

}  // namespace postern::net
