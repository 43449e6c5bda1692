// Who has an IPv4 address on our links. RFC 826; conflicts, RFC 5227.
#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

using wire::Arp;

bool can_be_neighbour(const Arp& arp) {
  const std::uint8_t first = arp.sender.v4_bytes()[0];
  return !arp.sender_mac.is_multicast() && arp.sender_mac != wire::MacAddress{} && first != 0 &&
         first != 127 && first < 224;
}

const wire::IpAddress& nowhere() {
  static const wire::IpAddress address = *wire::IpAddress::parse("0.0.0.0");
  return address;
}

}  // namespace

void Stack::State::accept_arp(Incoming& in, Bytes packet) {
  const auto arp = Arp::parse(packet);
  if (!arp) return void(++counters.dropped_arp);
  if (arp->sender_mac == mac(in.port)) return void(++counters.dropped_own_source);
  in.arrival.share = true;
  in.arrival.copy_to_kernel = settings.exception_path && arp->operation == Arp::Operation::reply;
  if (LocalAddress* own = local.find(arp->sender)) return conflict(*own, in.now);
  LocalAddress* target = local.find(arp->target);
  if (target != nullptr && !target->usable()) {
    // RFC 5227 §2.1.1: two hosts that probe for one address at once, and neither may have it.
    const bool rival = arp->operation == Arp::Operation::request && arp->sender.is_unspecified();
    return rival && target->port == in.port ? conflict(*target, in.now) : void(++counters.dropped_tentative);
  }
  const bool for_us =
      target != nullptr && target->port == in.port && arp->operation == Arp::Operation::request;
  // RFC 5227 §2.1.1: a probe has no sender address; it is answered, nothing is learnt from it.
  const bool probe = arp->sender.is_unspecified();
  if (!probe && !can_be_neighbour(*arp)) return void(++counters.dropped_arp);
  if (!probe) learn_arp(in, *arp, for_us);
  if (for_us) return answer_arp(in, *arp);
  if (arp->operation == Arp::Operation::request && settings.exception_path && target == nullptr) {
    foreign(in, counters.dropped_not_ours);
  }
}

void Stack::State::learn_arp(Incoming& in, const Arp& arp, bool for_us) {
  Neighbour* neighbour = neighbours.find(in.port, arp.sender);
  if (for_us) {
    // Whoever asks us is about to talk to us (RFC 826).
    if (neighbour != nullptr || is_on_link(in.port, arp.sender)) {
      neighbours.heard(in.port, arp.sender, arp.sender_mac, routes.is_gateway(in.port, arp.sender), in.now);
    }
    return;
  }
  if (neighbour == nullptr) return;
  // Only an answer to a question of ours proves that the neighbour hears us.
  const bool asked =
      neighbour->state == Neighbour::State::incomplete || neighbour->state == Neighbour::State::probe;
  const bool solicited = asked && in.link_unicast && arp.operation == Arp::Operation::reply;
  neighbours.advertised(*neighbour, {.mac = &arp.sender_mac, .solicited = solicited, .override_entry = true},
                        in.now);
}

void Stack::State::answer_arp(Incoming& in, const Arp& request) {
  if (!settings.leader) return;
  send_arp(in.port, request.sender_mac,
           Arp{.operation = Arp::Operation::reply,
               .sender_mac = mac(in.port),
               .sender = request.target,
               .target_mac = request.sender_mac,
               .target = request.sender});
}

void Stack::State::send_arp(PortIndex port, const wire::MacAddress& to, const Arp& arp) {
  Parcel* parcel = blank(port, Arp::kSize);
  if (parcel == nullptr) return;
  wire::EthernetHeader{to, mac(port), wire::EtherType::arp}.write(parcel->bytes);
  arp.write(parcel->bytes + wire::kEthernetHeader);
  queue(parcel);
}

void Stack::State::ask_arp(const Neighbour& neighbour) {
  const LocalAddress* own = local.source_for(neighbour.port, neighbour.address, neighbour.address);
  if (own == nullptr) return;
  // RFC 1122 §2.3.2.1: a neighbour that was known is asked directly, before all are.
  const bool known = neighbour.state == Neighbour::State::probe;
  send_arp(neighbour.port, known ? neighbour.mac : wire::kBroadcastMac,
           Arp{.sender_mac = mac(neighbour.port), .sender = own->address(), .target = neighbour.address});
}

// RFC 5227 §2.1.1: a question that names no sender, so that nobody's cache is spoilt.
void Stack::State::probe_arp(const LocalAddress& own) {
  send_arp(own.port, wire::kBroadcastMac,
           Arp{.sender_mac = mac(own.port), .sender = nowhere(), .target = own.address()});
}

// RFC 5227 §2.3
void Stack::State::announce_arp(const LocalAddress& own) {
  send_arp(own.port, wire::kBroadcastMac,
           Arp{.sender_mac = mac(own.port), .sender = own.address(), .target = own.address()});
}

}  // namespace postern::net
