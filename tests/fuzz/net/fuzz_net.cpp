// One stack among strangers: any frames, at any times, between anything it is told to send.
//
// The input is a list of steps. Most frames are repaired so that they come past the first checks: addressed
// to us, lengths and checksums right. Whatever happens, the stack gives every frame back once and sends only
// what would pass the same checks elsewhere.
#include <cstdlib>
#include <memory>
#include <vector>

#include "firmware/net/stack.hpp"
#include "firmware/wire/arp.hpp"
#include "firmware/wire/checksum.hpp"
#include "firmware/wire/ethernet.hpp"
#include "firmware/wire/ipv4.hpp"
#include "firmware/wire/ipv6.hpp"

using namespace postern;
using namespace postern::wire;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

class Input {
 public:
  explicit Input(Bytes bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes(std::size_t count) {
    const Bytes taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes rest_;
};

constexpr MacAddress kOurs{{2, 0, 0, 0, 0, 1}};

IpAddress address(std::uint8_t choice, bool v4) {
  static const char* const kV4[] = {"192.0.2.1",    "192.0.2.7", "192.0.2.254",
                                    "198.51.100.9", "224.0.0.1", "192.0.2.255"};
  static const char* const kV6[] = {"2001:db8::1",    "2001:db8::7", "fe80::ff:fe00:1", "fe80::7", "ff02::1",
                                    "ff02::1:ff00:1", "::"};
  return *IpAddress::parse(v4 ? kV4[choice % 6] : kV6[choice % 7]);
}

// Sends are checked, buffers are counted.
class Sink final : public FrameSink {
 public:
  int outstanding = 0;
  bool has_room = true;

  bool allocate(PortIndex, Frame& frame) override {
    if (!has_room) return false;
    auto* buffer = new std::vector<std::uint8_t>(kFrameHeadroom + 1600);
    frame = Frame{.data = buffer->data() + kFrameHeadroom, .capacity = 1600, .owner = buffer};
    ++outstanding;
    return true;
  }
  void send(PortIndex port, Frame& frame) override {
    check(frame.bytes());
    discard(port, frame);
  }
  void discard(PortIndex, Frame& frame) override {
    delete static_cast<std::vector<std::uint8_t>*>(frame.owner);
    --outstanding;
  }

 private:
  static void check(Bytes frame) {
    demand(frame.size() <= 1514);
    const auto ethernet = EthernetView::open(frame);
    demand(ethernet && ethernet->source() == kOurs && ethernet->destination() != MacAddress{});
    if (ethernet->type() == EtherType::arp) {
      demand(Arp::parse(ethernet->payload()).has_value());
    } else if (ethernet->type() == EtherType::ipv4) {
      const auto view = Ipv4View::open(ethernet->payload());
      demand(view && view->checksum_good() && view->bytes().size() == ethernet->payload().size());
    } else {
      const auto view = Ipv6View::open(ethernet->payload());
      demand(view && view->bytes().size() == ethernet->payload().size());
      const auto walk = walk_extensions(view->next_header(), view->payload(), true);
      if (walk.protocol != protocol::kIcmpv6) return;
      const auto length = static_cast<std::uint32_t>(walk.rest.size());
      const auto pseudo = pseudo_header_sum(view->source(), view->destination(), protocol::kIcmpv6, length);
      demand(checksum_finish(checksum_add(pseudo, walk.rest)) == 0);
    }
  }
};

void repair_icmpv6(MutableBytes packet) {
  const auto walk = walk_extensions(packet[6], Bytes(packet).subspan(40), true);
  if (walk.end != Ipv6Walk::End::upper || walk.protocol != protocol::kIcmpv6 || walk.rest.size() < 8) return;
  const MutableBytes message = packet.last(walk.rest.size());
  const auto pseudo = pseudo_header_sum(IpAddress::v6(&packet[8]), IpAddress::v6(&packet[24]),
                                        protocol::kIcmpv6, static_cast<std::uint32_t>(message.size()));
  store_be16(&message[2], 0);
  store_be16(&message[2], checksum_finish(checksum_add(pseudo, message)));
}

void repair_ipv4(MutableBytes packet, std::uint8_t from, std::uint8_t to) {
  packet[0] = static_cast<std::uint8_t>(0x40 | std::max(5, packet[0] & 7));
  const std::size_t header = (packet[0] & 15) * std::size_t{4};
  if (packet.size() < header) return;
  store_be16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  std::memcpy(&packet[12], address(from, true).v4_bytes(), 4);
  std::memcpy(&packet[16], address(to, true).v4_bytes(), 4);
  store_be16(&packet[10], 0);
  store_be16(&packet[10], checksum_finish(checksum_add(0, packet.first(header))));
  if (packet[9] != protocol::kIcmp || packet.size() < header + 8) return;
  const MutableBytes message = packet.subspan(header);
  store_be16(&message[2], 0);
  store_be16(&message[2], checksum_finish(checksum_add(0, message)));
}

void repair_ipv6(MutableBytes packet, std::uint8_t from, std::uint8_t to) {
  packet[0] = static_cast<std::uint8_t>(0x60 | (packet[0] & 15));
  store_be16(&packet[4], static_cast<std::uint16_t>(packet.size() - 40));
  std::memcpy(&packet[8], address(from, false).bytes.data(), 16);
  std::memcpy(&packet[24], address(to, false).bytes.data(), 16);
  repair_icmpv6(packet);
}

// A frame out of the input: as it is, or made right for ARP, IPv4 or IPv6.
std::vector<std::uint8_t> read_frame(Input& input) {
  const std::uint8_t kind = input.byte();
  const std::uint8_t from = input.byte();
  const std::uint8_t to = input.byte();
  const Bytes body = input.bytes(input.byte() * std::size_t{kind & 0x80 ? 6u : 1u});
  if (kind % 4 == 0) return {body.begin(), body.end()};
  static constexpr std::size_t kLeast[] = {0, 28, 20, 40};
  std::vector<std::uint8_t> frame(14 + std::max(kLeast[kind % 4], body.size()));
  std::copy(body.begin(), body.end(), frame.begin() + 14);
  const MutableBytes packet = MutableBytes(frame).subspan(14);
  const MacAddress sender{{2, 0, 0, 0, 1, from}};
  const MacAddress receiver = kind & 0x40 ? kBroadcastMac : kOurs;
  static constexpr EtherType kTypes[] = {EtherType::ipv4, EtherType::arp, EtherType::ipv4, EtherType::ipv6};
  EthernetHeader{receiver, sender, kTypes[kind % 4]}.write(frame.data());
  if (kind % 4 == 1) {
    Arp{.operation = body.size() > 1 ? Arp::Operation::request : Arp::Operation::reply,
        .sender_mac = sender,
        .sender = address(from, true),
        .target = address(to, true)}
        .write(packet.data());
  }
  if (kind % 4 == 2) repair_ipv4(packet, from, to);
  if (kind % 4 == 3) repair_ipv6(packet, from, to);
  return frame;
}

net::Settings make_settings(std::uint8_t flags) {
  net::Settings settings;
  settings.interfaces.push_back(
      {.mac = kOurs, .addresses = {*Prefix::parse("192.0.2.1/24"), *Prefix::parse("2001:db8::1/64")}});
  settings.routes = {{*Prefix::parse("0.0.0.0/0"), *IpAddress::parse("192.0.2.254"), 0},
                     {*Prefix::parse("::/0"), *IpAddress::parse("fe80::7"), 0}};
  settings.neighbours = 4;
  settings.waiting_frames = 6;
  settings.answers = 8;
  settings.reassemblies = 4;
  settings.reassembly_memory = 4 * 4096;
  settings.icmp_per_second = 50;
  settings.exception_path = (flags & 1) != 0;
  settings.duplicate_address_detection = (flags & 2) != 0;
  settings.leader = (flags & 4) == 0;
  settings.address_probing = (flags & 8) != 0;
  settings.router_advertisements = (flags & 16) != 0;
  return settings;
}

void send(net::Stack& stack, Sink& sink, Input& input, Instant now) {
  const auto to = address(input.byte(), input.byte() % 2 == 0);
  const auto route = stack.route(to);
  Frame frame;
  if (!route || !sink.allocate(route->port, frame)) return;
  const auto length = static_cast<std::uint16_t>(input.byte() * 6);
  std::memset(frame.data + net::Stack::kTransportOffset, 0x5a, length);
  if (length % 4 == 0) frame.checksum = ChecksumState::transport;
  stack.send(sink, route->port, frame, route->source, to, protocol::kTcp, length, 0, now);
}

void receive(net::Stack& stack, Input& input, Instant now) {
  auto bytes = read_frame(input);
  // A copy without slack: reading past the end is noticed.
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[bytes.size() + 1]);
  std::copy(bytes.begin(), bytes.end(), exact.get() + 1);
  const Frame frame{.data = exact.get() + 1, .length = static_cast<std::uint16_t>(bytes.size())};
  const auto arrival = stack.accept(0, frame, now);
  if (arrival.kind != net::Arrival::Kind::segment) return;
  demand(stack.is_local(arrival.destination) && !arrival.source.is_multicast());
  // Read to its last byte, in the frame or in the reassembly's memory.
  [[maybe_unused]] const auto sum = checksum_add(0, arrival.payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  net::Counters counters;
  net::Stack stack(make_settings(input.byte()), counters);
  Sink sink;
  Instant now{};
  while (!input.empty()) {
    const std::uint8_t step = input.byte();
    sink.has_room = (step & 0x40) == 0;
    switch (step % 8) {
      case 0:
        now += std::chrono::milliseconds(input.byte() * 40);
        break;
      case 1:
        send(stack, sink, input, now);
        break;
      case 2:
        stack.advance(now);
        demand(stack.next_deadline() > now);
        break;
      case 3:
        stack.drain(sink, now);
        break;
      default:
        receive(stack, input, now);
    }
    demand(sink.outstanding == 0);
  }
  return 0;
}
