#include "tests/firmware/shard/world.hpp"

#include <algorithm>
#include <cstring>

namespace postern::test {
namespace {

wire::IpAddress ip(const char* text) {
  return *wire::IpAddress::parse(text);
}
wire::Prefix prefix(const char* text) {
  return *wire::Prefix::parse(text);
}

wire::MacAddress mac(std::uint8_t last) {
  return wire::MacAddress{{2, 0, 0, 0, 0, last}};
}

}  // namespace

shard::Settings World::default_settings() {
  shard::Settings settings;
  settings.server.host_name = "gateway.example";
  settings.server.served_domains = {"example.org"};
  settings.server.offer_starttls = false;
  settings.client.host_name = "gateway.example";
  settings.tcp = small_tcp();
  settings.net.interfaces.push_back(
      {.mac = mac(1), .mtu = 1500, .addresses = {prefix("192.0.2.1/24"), prefix("2001:db8:1::1/64")}});
  settings.net.interfaces.push_back({.mac = mac(2), .mtu = 1500, .addresses = {prefix("198.51.100.1/24")}});
  settings.outbound.via_office = true;  // worlds with an internet say otherwise
  settings.office.servers = {{ip("198.51.100.2"), 25}};
  settings.spool.segment_bytes = 4u << 20;
  settings.spool.chunk_memory = 8u << 20;
  settings.spool.messages = 1000;
  settings.tls.arena_bytes = 16u << 20;
  return settings;
}

World::World(shard::Settings given, shard::Birth born)
    : settings(std::move(given)),
      birth(std::move(born)),
      internet({"192.0.2.9/24", "192.0.2.21/24", "192.0.2.22/24", "192.0.2.23/24", "192.0.2.24/24",
                "2001:db8:1::9/64", "2001:db8:1::21/64"},
               9),
      office_host("198.51.100.2/24", "198.51.100.1", 8),
      office(office_host) {
  now.instant = Instant(std::chrono::hours(1));
  now.wall = WallTime(std::chrono::seconds(1'790'000'000));
  stranger = internet.address;
  internet.on_event = [this](const tcp::Event& event, Now at) {
    if (on_internet && on_internet(event, at)) return;
    for (auto* talker : talkers) {
      if (!(talker->id == event.id)) continue;
      if (event.kind == tcp::EventKind::connected) talker->connected = true;
      if (talker->connected && !over(event.kind)) talker->go_on(at);
      if (event.kind == tcp::EventKind::peer_closed) {
        talker->ended = true;
        internet.tcp.close(event.id, at.instant);
      }
      if (over(event.kind)) talker->ended = true;
    }
  };
  told.world = this;
  start();
}

void World::start() {
  shard::CounterSet set{net_counters, tcp_counters, tls_counters, smtp_counters, spool_counters, counters};
  auto made = shard::Shard::create(settings, birth, set, told);
  if (!made) throw std::runtime_error(made.error().reason);
  shard = std::move(*made);
  for (const auto& [number, bytes] : disk.segments) {
    shard->spool().recover(number, 0, bytes);
    shard->spool().recover_segment_end(number, bytes.size());
  }
  shard->spool().recovered(now);
  shard->disk_space(1u << 30, 1u << 20);
}

void World::crash() {
  disk.orders.clear();
  shard.reset();
  start();
}

void World::Told::tell(const shard::Outcome& outcome) {
  const auto watch = world != nullptr ? world->watch : nullptr;
  if (watch != nullptr) watch(false);
  if (hear) hear(outcome);
  static constexpr const char* kinds[] = {"accepted", "delivered", "deferred", "bounced",  "refused",
                                          "session",  "delayed",   "held",     "released", "hurried",
                                          "rerouted", "returned",  "dropped"};
  lines.push_back(std::string(kinds[static_cast<int>(outcome.kind)]) + " " + std::string(outcome.recipient));
  if (watch != nullptr) watch(true);
}

std::unique_ptr<Talker> World::connect(std::uint16_t port) {
  const auto id = internet.tcp.connect(stranger, {ip("192.0.2.1"), port}, now.instant);
  auto talker = std::make_unique<Talker>(internet, *id, nullptr);
  talkers.push_back(talker.get());
  return talker;
}

std::unique_ptr<Talker> World::connect_tls() {
  if (!stranger_tls_) {
    tls::Settings own;
    own.arena_bytes = 16u << 20;
    stranger_tls_ = std::move(*tls::Core::create(own, {}, {}, {}, stranger_counters_));
    stranger_tls_->set_time(now.wall);
  }
  auto talker = connect(465);
  talker->start_tls(stranger_tls_->connect({.server_name = "gateway.example"}));
  return talker;
}

void World::serve_disk() {
  spool::DiskOrder order;
  const auto next_order = [&] {
    bool found = false;
    watched([&] { found = shard->next_order(order); });
    return found;
  };
  while (next_order()) disk.orders.push_back(order);
  while (!disk.stuck && !disk.orders.empty()) {
    const auto todo = disk.orders.front();
    disk.orders.pop_front();
    spool::DiskAnswer answer{.status = spool::DiskAnswer::Status::ok, .ticket = todo.ticket};
    auto& segment = disk.segments[todo.segment];
    using Kind = spool::DiskOrder::Kind;
    if (todo.kind == Kind::write) {
      if (disk.full) {
        answer.status = spool::DiskAnswer::Status::no_space;
      } else {
        if (segment.size() < todo.offset + todo.length) segment.resize(todo.offset + todo.length);
        std::memcpy(segment.data() + todo.offset, todo.data, todo.length);
      }
    } else if (todo.kind == Kind::read) {
      if (segment.size() < todo.offset + todo.length) {
        answer.status = spool::DiskAnswer::Status::failed;
      } else {
        std::memcpy(todo.data, segment.data() + todo.offset, todo.length);
      }
    } else {
      disk.segments.erase(todo.segment);
    }
    watched([&] { shard->on_disk(answer, now); });
    while (next_order()) disk.orders.push_back(order);
  }
}

void World::step() {
  for (auto* talker : talkers) talker->go_on(now);
  if (go_on) go_on(now);
  internet.advance(now);
  office_host.advance(now);
  for (auto* host : {&internet, &office_host}) {
    const PortIndex port = host == &internet ? 0 : 1;
    Buffers::Sent sent;
    while (host->out.take(sent)) {
      auto& bytes = sent.bytes;
      Frame frame;
      frame.data = bytes.data();
      frame.length = static_cast<std::uint16_t>(bytes.size());
      frame.capacity = frame.length;
      watched([&] { shard->on_frame(port, frame, now); });
    }
  }
  serve_disk();
  watched([&] { shard->advance(now); });
  serve_disk();
  bool more = true;
  while (more) watched([&] { more = shard->transmit(out_, now); });
  Buffers::Sent sent;
  while (out_.take(sent)) (sent.port == 0 ? internet : office_host).on_frame(sent.bytes, now);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const auto end = now.instant + limit;
  while (now.instant < end) {
    step();
    if (done()) return true;
    now.instant += std::chrono::milliseconds(1);
    now.wall += std::chrono::milliseconds(1);
  }
  return done();
}

void World::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

}  // namespace postern::test
