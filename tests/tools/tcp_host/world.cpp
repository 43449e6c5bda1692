#include "tests/tools/tcp_host/world.hpp"

#include <cstring>

#include "firmware/wire/checksum.hpp"
#include "firmware/wire/ethernet.hpp"
#include "firmware/wire/ipv4.hpp"
#include "firmware/wire/ipv6.hpp"

namespace postern::tcp_host::test {
namespace {

net::Settings net_settings(const nic::Port& port, const char* v4, const char* v6) {
  net::Settings settings;
  net::Interface interface;
  interface.mac.bytes = port.facts().mac;
  interface.addresses = {*wire::Prefix::parse(std::string(v4) + "/24"),
                         *wire::Prefix::parse(std::string(v6) + "/64")};
  settings.interfaces = {interface};
  settings.duplicate_address_detection = false;
  settings.key.fill(3);
  return settings;
}

tcp::Settings tcp_settings() {
  tcp::Settings settings;
  settings.connections = 4096;
  settings.buffer_memory = 32 << 20;
  settings.isn_key.fill(1);
  settings.cookie_key.fill(2);
  settings.table_key.fill(4);
  return settings;
}

constexpr const char* kOurs4 = "192.0.2.2";
constexpr const char* kOurs6 = "2001:db8::2";
constexpr const char* kHonest4 = "192.0.2.1";
constexpr const char* kHonest6 = "2001:db8::1";

}  // namespace

void Observer::see(const Frame& frame, Direction direction, Instant) {
  if (direction != Direction::in || frame.length < 54) return;
  ++frames;
  if (!remember) return;
  const bool v4 = frame.data[12] == 0x08 && frame.data[13] == 0x00;
  if (frame.data[v4 ? 23 : 20] != wire::kIpProtocolTcp) return;
  const std::size_t header = v4 ? 34 : 54;
  const auto to = v4 ? wire::IpAddress::v4(frame.data + 30) : wire::IpAddress::v6(frame.data + 38);
  const std::size_t length = v4 ? load_be16(frame.data + 16) - 20u : load_be16(frame.data + 18);
  const auto segment = wire::TcpView::parse({frame.data + header, length});
  if (!segment) return;
  Heard& known = heard[key(to, segment->destination_port())];
  const auto options = wire::parse_tcp_options(segment->options());
  known = {segment->sequence(),
           segment->acknowledgment(),
           segment->flags(),
           segment->window(),
           options.has_mss ? options.mss : known.mss,
           known.segments + 1,
           std::max(known.longest, segment->payload().size())};
}

World::World(const std::function<void(net::Settings&, tcp::Settings&)>& change)
    : observer(wire.b()),
      services({{Service::echo, kEchoPort},
                {Service::discard, kDiscardPort},
                {Service::rr, kRrPort},
                {Service::source, kSourcePort}},
               4096) {
  auto ip_settings = net_settings(wire.a(), kOurs4, kOurs6);
  ip_settings.routes = {{.destination = *wire::Prefix::parse("0.0.0.0/0"), .gateway = ip(kHonest4)},
                        {.destination = *wire::Prefix::parse("::/0"), .gateway = ip(kHonest6)}};
  auto settings = tcp_settings();
  if (change) change(ip_settings, settings);
  ours = std::make_unique<Host>(wire.a(), ip_settings, settings);
  honest = std::make_unique<Host>(observer, net_settings(wire.b(), kHonest4, kHonest6), tcp_settings());
  ours->run(services);
  services.listen(ours->tcp());
  run(10);
}

void World::run(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    now += kStep;
    // Our side turns twice, the honest one more often: what limits is not the link that floods share with it.
    for (int turn = 0; turn < 2; ++turn) {
      ours->poll(now);
      honest->poll(now);
      honest->poll(now);
    }
  }
}

void World::inject(const Octets& bytes) {
  Frame frame;
  if (!wire.b().allocate(frame)) return;
  std::memcpy(frame.data, bytes.data(), bytes.size());
  frame.length = static_cast<std::uint16_t>(bytes.size());
  wire.b().transmit({&frame, 1}, now);
}

bool World::honest_errand(std::uint16_t port, const std::string& errand, Duration patience,
                          std::uint32_t connections, const std::function<void()>& between) {
  client = std::make_unique<Client>(
      ClientSettings{.to = {ip(kOurs4), port}, .errand = *parse_errand(errand), .connections = connections},
      4096);
  client->set_source(ip(kHonest4));
  honest->run(*client);
  const Instant began = now;
  while (!client->done() && now < began + patience) {
    if (between) between();
    run();
  }
  errand_took = now - began;
  return client->done() && client->result().failed == 0;
}

wire::IpAddress ip(std::string_view text) {
  return *wire::IpAddress::parse(text);
}

wire::IpAddress stranger(std::uint32_t n, bool spread, bool v6) {
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0x77};
  if (v6) {
    store_be32(bytes.data() + (spread ? 3 : 12), spread ? n | 0x77000000 : n);
    return wire::IpAddress::v6(bytes.data());
  }
  store_be32(bytes.data(), spread ? 0x0b000000 + (n << 8 & 0x7fffff00) + 7 : 0x0b010200 + n % 250 + 1);
  return wire::IpAddress::v4(bytes.data());
}

Octets ip_frame(const wire::IpAddress& from, const wire::IpAddress& to, std::uint8_t protocol,
                const Octets& payload) {
  static const nic::MemoryWire example;
  const bool v4 = to.is_v4();
  const std::size_t header = wire::kEthernetHeader + (v4 ? wire::kIpv4Header : wire::kIpv6Header);
  Octets frame(header + payload.size());
  wire::MacAddress ours;
  wire::MacAddress theirs;
  ours.bytes = const_cast<nic::MemoryWire&>(example).a().facts().mac;
  theirs.bytes = const_cast<nic::MemoryWire&>(example).b().facts().mac;
  wire::EthernetHeader{ours, theirs, v4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6}.write(frame.data());
  const auto length = static_cast<std::uint16_t>(payload.size());
  std::uint8_t* packet = frame.data() + wire::kEthernetHeader;
  if (v4) {
    wire::Ipv4Header{.source = from, .destination = to, .protocol = protocol, .payload_length = length}.write(
        packet);
  } else {
    wire::Ipv6Header{.source = from, .destination = to, .next_header = protocol, .payload_length = length}
        .write(packet);
  }
  std::memcpy(frame.data() + header, payload.data(), payload.size());
  return frame;
}

Octets tcp_frame(const wire::IpAddress& from, const wire::IpAddress& to, const wire::TcpHeader& header,
                 const wire::TcpOptions& options, const Octets& payload) {
  Octets segment(wire::kTcpHeaderMost);
  segment.resize(wire::write_tcp_header(segment.data(), header, options));
  segment.insert(segment.end(), payload.begin(), payload.end());
  const auto pseudo =
      wire::pseudo_header_sum(from, to, wire::kIpProtocolTcp, static_cast<std::uint32_t>(segment.size()));
  store_be16(segment.data() + wire::kTcpChecksumOffset,
             wire::checksum_finish(wire::checksum_add(pseudo, segment)));
  return ip_frame(from, to, wire::kIpProtocolTcp, segment);
}

Stranger::Stranger(World& given, const wire::IpAddress& from, std::uint16_t from_port,
                   std::uint16_t to_service)
    : world(given),
      address(from),
      ours(ip(from.is_v4() ? kOurs4 : kOurs6)),
      port(from_port),
      service(to_service) {}

void Stranger::send(std::uint8_t flags, const Octets& payload, std::int64_t shift) {
  world.inject(tcp_frame(address, ours,
                         {.source_port = port,
                          .destination_port = service,
                          .sequence = static_cast<std::uint32_t>(sequence + shift),
                          .acknowledgment = acknowledgment,
                          .flags = flags,
                          .window = window},
                         {}, payload));
}

bool Stranger::open(const wire::TcpOptions& options) {
  world.inject(tcp_frame(address, ours,
                         {.source_port = port,
                          .destination_port = service,
                          .sequence = sequence,
                          .flags = wire::kTcpSyn,
                          .window = window},
                         options));
  world.run(3);
  const Heard answer = heard();
  if ((answer.flags & (wire::kTcpSyn | wire::kTcpAck)) != (wire::kTcpSyn | wire::kTcpAck)) return false;
  ++sequence;
  acknowledgment = answer.sequence + 1;
  send(wire::kTcpAck);
  world.run(2);
  return true;
}

}  // namespace postern::tcp_host::test
