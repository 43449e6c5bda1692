// Transport goes out: where to, headers in front, and the neighbour's MAC address or a place to wait for it.
#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

using wire::IpAddress;

// RFC 6437 §3: the same for one flow, spread over all values, and made with a key.
std::uint32_t flow_label(std::uint64_t key, const IpAddress& to, const std::uint8_t* transport) {
  const std::uint64_t address = load_be64(to.bytes.data()) ^ load_be64(to.bytes.data() + 8);
  const std::uint64_t mixed = (address ^ key) * 0x9e3779b97f4a7c15u;
  return static_cast<std::uint32_t>(((mixed ^ mixed >> 32 ^ load_be32(transport)) * 0xbf58476d1ce4e5b9u) >>
                                    44);
}

void write_ip(std::uint8_t* to, const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
              std::uint16_t length, std::uint8_t ecn, std::uint64_t key) {
  if (destination.is_v4()) {
    wire::Ipv4Header{.source = source,
                     .destination = destination,
                     .protocol = protocol,
                     .ecn = ecn,
                     .payload_length = length}
        .write(to);
    return;
  }
  wire::Ipv6Header{.source = source,
                   .destination = destination,
                   .next_header = protocol,
                   .ecn = ecn,
                   .payload_length = length,
                   .flow_label = flow_label(key, destination, to + wire::kIpv6Header)}
      .write(to);
}

// The sender left the checksum to the device, but this one cannot do it.
void complete_checksum(std::uint8_t* transport, std::uint8_t protocol, std::uint16_t length) {
  const std::size_t field = protocol == wire::protocol::kTcp ? 16 : 2;
  if (length < field + 2) return;
  // The field holds the sum of the pseudo-header, so the sum over everything is the one that is wanted.
  store_be16(transport + field, wire::checksum_finish(wire::checksum_add(0, {transport, length})));
}

}  // namespace

// Static routes first; then whoever advertised itself as a router.
const Routes::Entry* Stack::State::best_route(const IpAddress& destination,
                                              std::optional<PortIndex> port) const {
  const Routes::Entry* route = routes.find(destination, port);
  return route == nullptr && !destination.is_v4() ? routers.route(port) : route;
}

bool Stack::State::is_on_link(PortIndex port, const IpAddress& address) const {
  if (!address.is_v4() && address.is_link_local()) return true;
  const Routes::Entry* route = routes.find(address, port);
  return route != nullptr && !route->gateway;
}

Destination* Stack::State::fill(Destination& entry, const IpAddress& destination, std::uint8_t wanted) {
  if (destination.is_multicast() || destination.is_unspecified() || local.find(destination) != nullptr)
    return nullptr;
  entry.epoch = 0;
  entry.next_hop = destination;
  entry.route = nullptr;
  entry.best = wanted == Destination::kAnyPort;
  if (!destination.is_v4() && destination.is_link_local()) {
    entry.port = entry.best ? PortIndex{0} : wanted;
  } else {
    entry.route = best_route(destination, entry.best ? std::nullopt : std::optional<PortIndex>(wanted));
    if (entry.route == nullptr) return nullptr;
    entry.port = entry.route->port;
    entry.next_hop = entry.route->next_hop(destination);
  }
  const LocalAddress* own = local.source_for(entry.port, destination, entry.next_hop);
  if (own == nullptr) return nullptr;
  entry.address = destination;
  entry.source = own->address();
  entry.epoch = destinations.epoch();
  // All destinations behind one gateway share its entry.
  entry.neighbour = entry.route != nullptr && entry.route->gateway ? entry.route->neighbour : NeighbourLink{};
  return &entry;
}

Destination* Stack::State::resolve(const IpAddress& destination, std::uint8_t wanted) {
  bool fresh = false;
  Destination& entry = destinations.at(destination, wanted, fresh);
  return fresh ? &entry : fill(entry, destination, wanted);
}

// The entry of the next hop, made and asked for where there is none; null where there is no room for it.
Neighbour* Stack::State::look_up(const Destination& destination, Instant now) {
  Neighbour* neighbour = neighbours.find(destination.port, destination.next_hop);
  if (neighbour != nullptr) return neighbour;
  const bool gateway = routes.is_gateway(destination.port, destination.next_hop);
  neighbour = neighbours.begin(destination.port, destination.next_hop, gateway, now);
  if (neighbour != nullptr) ask(*neighbour);
  return neighbour;
}

Neighbour* Stack::State::neighbour_of(Destination& destination, Instant now) {
  Neighbour* neighbour = destination.neighbour.get();
  if (neighbour == nullptr) {
    neighbour = look_up(destination, now);
    if (neighbour == nullptr) return nullptr;
    destination.neighbour.set(neighbour);
    if (destination.route != nullptr && destination.route->gateway)
      destination.route->neighbour.set(neighbour);
  }
  neighbours.used(*neighbour, now);
  return neighbour;
}

void Stack::State::ask(const Neighbour& neighbour) {
  neighbour.address.is_v4() ? ask_arp(neighbour) : ask_nd(neighbour);
}

void Stack::State::keep_waiting(Neighbour& neighbour, PortIndex port, const Frame& frame) {
  Parcel* parcel = nullptr;
  if (neighbour.waiting.size() < settings.frames_per_neighbour && frame.length <= outbox.parcel_size()) {
    parcel = outbox.take_waiting();
  }
  if (parcel == nullptr) return void(++counters.waiting_full);
  std::memcpy(parcel->bytes, frame.data, frame.length);
  parcel->length = frame.length;
  parcel->port = port;
  parcel->checksum = frame.checksum;
  parcel->l3_offset = frame.l3_offset;
  parcel->l4_offset = frame.l4_offset;
  neighbour.waiting.push(parcel);
}

void Stack::State::send(FrameSink& sink, PortIndex port, Frame& frame, Neighbour& neighbour) {
  if (neighbour.state == Neighbour::State::incomplete) {
    keep_waiting(neighbour, port, frame);
    return sink.discard(port, frame);
  }
  ++counters.frames_out;
  sink.send(port, frame);
}

void Stack::send(FrameSink& sink, PortIndex port, Frame& frame, const IpAddress& source,
                 const IpAddress& destination, std::uint8_t protocol, std::uint16_t length, std::uint8_t ecn,
                 Instant now) {
  State& state = *state_;
  const bool v4 = destination.is_v4();
  const std::size_t ip_header = v4 ? wire::kIpv4Header : wire::kIpv6Header;
  const bool fits = port < state.settings.interfaces.size() &&
                    ip_header + length <= state.settings.interfaces[port].mtu &&
                    kTransportOffset + length <= frame.capacity;
  if (!fits) {
    ++state.counters.send_too_long;
    return sink.discard(port, frame);
  }
  Destination* to = source.is_v4() == v4 ? state.resolve(destination, port) : nullptr;
  if (to == nullptr) ++state.counters.send_no_route;
  Neighbour* neighbour = to != nullptr ? state.neighbour_of(*to, now) : nullptr;
  if (neighbour == nullptr) return sink.discard(port, frame);

  std::uint8_t* transport = frame.data + kTransportOffset;
  const auto moved = static_cast<std::uint16_t>(kTransportOffset - wire::kEthernetHeader - ip_header);
  if (frame.checksum == ChecksumState::transport && !state.settings.interfaces[port].transmit_checksum) {
    complete_checksum(transport, protocol, length);
    frame.checksum = ChecksumState::unknown;
  }
  frame.data += moved;
  frame.capacity = static_cast<std::uint16_t>(frame.capacity - moved);
  frame.length = static_cast<std::uint16_t>(wire::kEthernetHeader + ip_header + length);
  frame.l3_offset = wire::kEthernetHeader;
  frame.l4_offset = static_cast<std::uint8_t>(wire::kEthernetHeader + ip_header);
  write_ip(frame.data + wire::kEthernetHeader, source, destination, protocol, length, ecn, state.label_key);
  wire::EthernetHeader{neighbour->mac, state.mac(port), v4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6}
      .write(frame.data);
  state.send(sink, port, frame, *neighbour);
}

}  // namespace postern::net
