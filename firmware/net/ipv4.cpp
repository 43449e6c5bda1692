// An IPv4 datagram comes in: header, source, fragments. RFC 791, RFC 1122 §3.2.1.
#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

// RFC 1122 §3.2.1.3, RFC 6890 §2.2.2: addresses that cannot be a source.
bool is_martian(const wire::IpAddress& source) {
  const std::uint8_t first = source.v4_bytes()[0];
  return first == 0 || first == 127 || first >= 224;
}

bool is_group(const wire::IpAddress& destination) {
  return destination.v4_bytes()[0] >> 4 == 0xe;
}

bool we_reassemble(std::uint8_t protocol) {
  return protocol == wire::protocol::kTcp || protocol == wire::protocol::kIcmp;
}

}  // namespace

bool Stack::State::reassemble_ipv4(Incoming& in, const wire::Ipv4View& view, Datagram& datagram) {
  if (!we_reassemble(view.protocol())) {
    foreign(in, counters.dropped_protocol);
    return false;
  }
  datagram.payload = reassembly.accept({.source = datagram.source,
                                        .destination = datagram.destination,
                                        .identification = view.identification(),
                                        .protocol = view.protocol(),
                                        .port = in.port,
                                        .offset = view.fragment_offset(),
                                        .more = view.more_fragments(),
                                        .payload = view.payload(),
                                        .header = quotable(in, datagram.quoted, view.payload()),
                                        .from = in.from},
                                       in.now);
  in.fragmented = true;
  return !datagram.payload.empty();
}

void Stack::State::accept_ipv4(Incoming& in, Bytes packet) {
  const auto view = wire::Ipv4View::open(packet);
  if (!view) return void(++counters.dropped_ipv4);
  if (in.frame.checksum != ChecksumState::good && !view->checksum_good()) {
    return void(++counters.dropped_ipv4_checksum);
  }
  if (view->has_options()) {
    const auto verdict = wire::judge_options(view->options());
    if (verdict == wire::Ipv4Options::malformed) return void(++counters.dropped_ipv4);
    if (verdict == wire::Ipv4Options::source_route) return void(++counters.dropped_source_route);
  }
  Datagram datagram{.source = view->source(),
                    .destination = view->destination(),
                    .protocol = view->protocol(),
                    .hop_limit = view->time_to_live(),
                    .ecn = view->ecn(),
                    .quoted = view->bytes(),
                    .payload = view->payload()};
  if (local.find(datagram.source) != nullptr) return void(++counters.dropped_own_source);
  const bool group = is_group(datagram.destination) || local.is_broadcast(in.port, datagram.destination);
  // A host that asks for its address (DHCP) has none yet: that is the kernel's affair.
  const bool nameless = datagram.source.is_unspecified() && group && settings.exception_path;
  if (!nameless && (is_martian(datagram.source) || local.is_broadcast(in.port, datagram.source))) {
    return void(++counters.dropped_martian);
  }
  if (!is_for_us(in, datagram.destination, group)) return;
  if (view->is_fragment() && !reassemble_ipv4(in, *view, datagram)) return;
  deliver(in, datagram);
}

}  // namespace postern::net
