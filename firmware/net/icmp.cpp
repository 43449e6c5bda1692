// ICMP and ICMPv6 come in: echo requests are answered, errors about our segments passed on.
//
// RFC 792, RFC 1122 §3.2.2, RFC 4443; what an error may quote, RFC 5927 §4.
#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

using wire::IcmpView;
using ErrorKind = Arrival::ErrorKind;

bool good_sum(Bytes message, std::uint32_t pseudo) {
  return wire::checksum_finish(wire::checksum_add(pseudo, message)) == 0;
}

// RFC 1191 §7.1: a router that does not say its MTU has one of the usual ones, below the length it refused.
std::uint32_t plateau_below(std::uint32_t length) {
  for (const std::uint32_t plateau : {32000u, 17914u, 8166u, 4352u, 2002u, 1492u, 1006u, 508u, 296u}) {
    if (plateau < length) return plateau;
  }
  return 68;
}

}  // namespace

void Stack::State::answer_echo(Incoming& in, const Datagram& datagram, const IcmpView& request) {
  const bool v4 = datagram.destination.is_v4();
  // An echo to a group is not answered: it would multiply (RFC 1122 §3.2.2.6, RFC 4443 §4.2 leave it open).
  if (datagram.to_group || datagram.source.is_unspecified()) return void(++counters.dropped_icmp_type);
  if (!echo_budget.take(in.now)) return void(++counters.icmp_limited);
  const Bytes message = request.bytes();
  if (message.size() + (v4 ? wire::kIpv4Header : wire::kIpv6Header) > settings.interfaces[in.port].mtu) {
    return void(++counters.echo_too_big);
  }
  const auto protocol = v4 ? wire::protocol::kIcmp : wire::protocol::kIcmpv6;
  const Draft reply =
      draft(in.port, in.from, datagram.destination, datagram.source, protocol, message.size());
  if (!reply) return;
  wire::IcmpHeader{v4 ? wire::icmpv4::kEchoReply : wire::icmpv6::kEchoReply, 0, request.rest()}.write(
      reply.payload);
  std::memcpy(reply.payload + wire::kIcmpHeader, request.body().data(), request.body().size());
  const auto length = static_cast<std::uint32_t>(message.size());
  wire::fill_icmp_checksum(
      {reply.payload, message.size()},
      v4 ? 0 : wire::pseudo_header_sum(datagram.destination, datagram.source, protocol, length));
  ++counters.echo_replies;
  queue(reply.parcel);
}

// RFC 5927 §4: the quoted datagram must be one that we could have sent, and a TCP segment.
bool Stack::State::quotes_our_segment(const Incoming& in, const wire::Quote& quote) const {
  if (quote.protocol != wire::protocol::kTcp || quote.destination.is_multicast()) return false;
  const LocalAddress* own = local.find(quote.source);
  return own != nullptr && own->usable() && own->port == in.port;
}

void Stack::State::report_error(Incoming& in, const wire::Quote& quote, ErrorKind kind, std::uint32_t mtu) {
  // What the kernel sent is the kernel's, and we cannot tell a segment of its from one of ours.
  in.arrival.copy_to_kernel = settings.exception_path;
  in.arrival.share = true;
  if (kind == ErrorKind::packet_too_big && mtu >= settings.interfaces[in.port].mtu) {
    return void(++counters.dropped_icmp_error);
  }
  ++counters.icmp_errors_in;
  in.arrival.kind = Arrival::Kind::error;
  in.arrival.error_kind = kind;
  in.arrival.error_flow.local = {quote.source, load_be16(quote.transport.data())};
  in.arrival.error_flow.remote = {quote.destination, load_be16(quote.transport.data() + 2)};
  in.arrival.error_sequence = load_be32(quote.transport.data() + 4);
  in.arrival.error_mtu = static_cast<std::uint16_t>(mtu);
}

void Stack::State::accept_error_v4(Incoming& in, const IcmpView& message) {
  const auto quote = wire::Quote::parse_v4(message.body());
  if (!quote || !quotes_our_segment(in, *quote)) return foreign(in, counters.dropped_icmp_error);
  if (message.type() != wire::icmpv4::kUnreachable)
    return report_error(in, *quote, ErrorKind::unreachable_soft, 0);
  switch (message.code()) {
    case wire::icmpv4::kFragmentationNeeded: {
      const std::uint32_t stated = message.rest() & 0xffff;
      // RFC 791 §3.2: no link is narrower than 68.
      if (stated != 0 && stated < 68) return void(++counters.dropped_icmp_error);
      return report_error(in, *quote, ErrorKind::packet_too_big,
                          stated != 0 ? stated : plateau_below(quote->total_length));
    }
    case wire::icmpv4::kProtocolUnreachable:
    case wire::icmpv4::kPortUnreachable:
      return report_error(in, *quote, ErrorKind::unreachable_hard, 0);
    default:
      return report_error(in, *quote, ErrorKind::unreachable_soft, 0);
  }
}

void Stack::State::accept_error_v6(Incoming& in, const IcmpView& message) {
  const auto quote = wire::Quote::parse_v6(message.body());
  if (!quote || !quotes_our_segment(in, *quote)) return foreign(in, counters.dropped_icmp_error);
  switch (message.type()) {
    case wire::icmpv6::kPacketTooBig:
      // RFC 8201 §4: less than the least MTU of IPv6 is no news.
      if (message.rest() < 1280) return void(++counters.dropped_icmp_error);
      return report_error(in, *quote, ErrorKind::packet_too_big, message.rest());
    case wire::icmpv6::kUnreachable:
      return report_error(in, *quote,
                          message.code() == wire::icmpv6::kPortUnreachable ? ErrorKind::unreachable_hard
                                                                           : ErrorKind::unreachable_soft,
                          0);
    default:
      return report_error(in, *quote, ErrorKind::unreachable_soft, 0);
  }
}

void Stack::State::accept_icmpv4(Incoming& in, const Datagram& datagram) {
  const auto message = IcmpView::open(datagram.payload);
  if (!message) return void(++counters.dropped_icmp);
  if (!good_sum(message->bytes(), 0)) return void(++counters.dropped_icmp_checksum);
  switch (message->type()) {
    case wire::icmpv4::kEchoRequest:
      return answer_echo(in, datagram, *message);
    case wire::icmpv4::kUnreachable:
    case wire::icmpv4::kTimeExceeded:
    case wire::icmpv4::kParameterProblem:
      return accept_error_v4(in, *message);
    case wire::icmpv4::kRedirect:
      return void(++counters.dropped_redirect);
    // Source quench among them: RFC 6633 §3.
    default:
      return foreign(in, counters.dropped_icmp_type);
  }
}

void Stack::State::accept_icmpv6(Incoming& in, const Datagram& datagram) {
  const auto message = IcmpView::open(datagram.payload);
  if (!message) return void(++counters.dropped_icmp);
  const auto length = static_cast<std::uint32_t>(message->bytes().size());
  const auto pseudo =
      wire::pseudo_header_sum(datagram.source, datagram.destination, wire::protocol::kIcmpv6, length);
  if (!good_sum(message->bytes(), pseudo)) return void(++counters.dropped_icmp_checksum);
  switch (message->type()) {
    case wire::icmpv6::kEchoRequest:
      return answer_echo(in, datagram, *message);
    case wire::icmpv6::kUnreachable:
    case wire::icmpv6::kPacketTooBig:
    case wire::icmpv6::kTimeExceeded:
    case wire::icmpv6::kParameterProblem:
      return accept_error_v6(in, *message);
    case wire::icmpv6::kNeighbourSolicitation:
      return accept_solicitation(in, datagram);
    case wire::icmpv6::kNeighbourAdvertisement:
      return accept_advertisement(in, datagram);
    case wire::icmpv6::kListenerQuery:
      return accept_listener_query(in, datagram);
    case wire::icmpv6::kRouterAdvertisement:
      return accept_router_advertisement(in, datagram);
    case wire::icmpv6::kRedirect:
      return void(++counters.dropped_redirect);
    default:
      return foreign(in, counters.dropped_icmp_type);
  }
}

}  // namespace postern::net
