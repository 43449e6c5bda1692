// Small request and response through the whole stack over a port in memory, with the ticks of each stage.
//
//   stack_rr [idle connections] [active connections] [seconds] [offload]
//
// The server is net and tcp together as a shard joins them; checksums are verified and completed in software,
// or by the port where `offload` is given. The client is a Host of the same code whose time is not counted.
// The rate is taken first and without a look at the clock between the stages; the stages, in ticks of the
// time stamp counter, in a second run of a third of the time. The last line is JSON.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "drivers/nic/memory_port.hpp"
#include "firmware/net/stack.hpp"
#include "firmware/shard/arrivals.hpp"
#include "firmware/tcp/engine.hpp"
#include "tests/bench/tcp/measure.hpp"
#include "tools/tcp_host/host.hpp"

namespace {

using namespace postern;
using bench::ticks;

constexpr std::uint16_t kPort = 7;
constexpr std::size_t kSources = 8;  // of the client, so that there are ports enough

enum Stage : std::uint8_t { kReceive, kIpIn, kTcpIn, kService, kTimers, kTcpOut, kIpOut, kTransmit, kStages };
constexpr const char* kNames[kStages] = {"receive", "ip in",   "tcp in", "service",
                                         "timers",  "tcp out", "ip out", "transmit"};

net::Settings net_settings(const nic::Port& port, std::uint8_t first, std::size_t count) {
  net::Settings settings;
  net::Interface interface;
  interface.mac.bytes = port.facts().mac;
  for (std::size_t i = 0; i < count; ++i) {
    const std::array<std::uint8_t, 4> bytes = {10, 0, 0, static_cast<std::uint8_t>(first + i)};
    interface.addresses.push_back({wire::IpAddress::v4(bytes.data()), 8});
  }
  interface.transmit_checksum = port.facts().transmit_checksum;
  settings.interfaces = {interface};
  return settings;
}

tcp::Settings tcp_settings(std::uint32_t connections, const nic::Port& port) {
  tcp::Settings settings;
  settings.connections = connections;
  settings.checksum_offload = port.facts().transmit_checksum;
  settings.buffer_memory = 64 << 20;
  for (std::size_t i = 0; i < 16; ++i)
    settings.table_key[i] = settings.isn_key[i] = static_cast<std::uint8_t>(i * 11);
  return settings;
}

// The server's turn, written out so that each stage can be timed; the work is tcp_host::Host's.
class Server final : private FrameSink {
 public:
  Server(nic::Port& port, std::uint32_t connections)
      : port_(port),
        net_(net_settings(port, 200, 1), net_counters_),
        tcp_(tcp_settings(connections, port), tcp_counters_) {
    tcp_.listen(kPort);
  }

  void turn(Instant now) {
    if (timed) mark_ = ticks();
    std::array<Frame, nic::kBurst> frames;
    const std::size_t count = port_.receive(frames, now);
    lap(kReceive);
    for (std::size_t i = 0; i < count; ++i) take(frames[i], now);
    port_.release(std::span(frames).first(count));
    lap(kReceive);
    net_.advance(now);
    tcp_.advance(now);
    lap(kTimers);
    net_.drain(*this, now);
    while (send_one(now)) {
    }
    flush(now);
    lap(kTransmit);
  }

  bool timed = false;
  std::array<std::uint64_t, kStages> spent{};
  std::uint64_t requests = 0;
  std::size_t connections() const { return tcp_.connections(); }
  const tcp::Counters& counters() const { return tcp_counters_; }

 private:
  void lap(Stage stage) {
    if (!timed) return;
    const std::uint64_t now = ticks();
    spent[stage] += now - mark_;
    mark_ = now;
  }

  void take(const Frame& frame, Instant now) {
    const auto arrival = net_.accept(0, frame, now);
    lap(kIpIn);
    if (arrival.kind != net::Arrival::Kind::segment) return;
    tcp_.accept_segment(shard::segment_info(arrival), arrival.payload, now);
    lap(kTcpIn);
    for (const auto& event : tcp_.events()) {
      if (event.kind != tcp::EventKind::readable) continue;
      const Bytes data = tcp_.readable(event.id);
      tcp_.write(event.id, data, now);
      tcp_.consume(event.id, data.size(), now);
      ++requests;
    }
    lap(kService);
    tcp_.settle();
    tcp_.clear_events();
    lap(kTcpIn);
  }

  bool send_one(Instant now) {
    constexpr auto kAt = net::Stack::kTransportOffset;
    if (!has_spare_) has_spare_ = port_.allocate(spare_);
    if (!has_spare_) return false;
    lap(kTransmit);
    tcp::OutgoingSegment segment;
    const bool any = tcp_.emit({spare_.data + kAt, spare_.capacity - kAt}, segment, now);
    lap(kTcpOut);
    if (!any || !net_.route(segment.destination, segment.source)) return any;
    has_spare_ = false;
    spare_.checksum = segment.checksum_pending ? ChecksumState::transport : ChecksumState::unknown;
    net_.send(*this, 0, spare_, segment.source, segment.destination, shard::kTcp, segment.length, segment.ecn,
              now);
    lap(kIpOut);
    return true;
  }

  bool allocate(PortIndex, Frame& frame) override { return port_.allocate(frame); }
  void discard(PortIndex, Frame& frame) override { port_.discard(frame); }
  void send(PortIndex, Frame& frame) override {
    burst_[waiting_++] = frame;
    if (waiting_ == burst_.size()) flush({});
  }
  void flush(Instant now) {
    if (waiting_ > 0) port_.transmit(std::span(burst_).first(waiting_), now);
    waiting_ = 0;
  }

  nic::Port& port_;
  net::Counters net_counters_;
  tcp::Counters tcp_counters_;
  net::Stack net_;
  tcp::Engine tcp_;
  Frame spare_;
  bool has_spare_ = false;
  std::array<Frame, nic::kBurst> burst_;
  std::size_t waiting_ = 0;
  std::uint64_t mark_ = 0;
};

// Opens all, then asks on the active ones, one byte at a time.
class Asker final : public tcp_host::Application {
 public:
  Asker(std::uint32_t count, std::uint32_t active) : count_(count), active_(active), asked_(count) {}

  void on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) override {
    if (event.kind == tcp::EventKind::connected) opened.push_back(event.id);
    if (event.kind != tcp::EventKind::readable) return;
    tcp.consume(event.id, tcp.readable(event.id).size(), now);
    round_trips.add(ticks() - asked_[event.id.slot]);
    ask(tcp, event.id, now);
  }
  std::size_t advance(tcp::Engine& tcp, Instant now) override {
    for (int i = 0; i < 4 && started_ < count_; ++i, ++started_) {
      const std::array<std::uint8_t, 4> from = {10, 0, 0, static_cast<std::uint8_t>(1 + started_ % kSources)};
      const std::array<std::uint8_t, 4> to = {10, 0, 0, 200};
      if (!tcp.connect(wire::IpAddress::v4(from.data()), {wire::IpAddress::v4(to.data()), kPort}, now))
        ++failed;
    }
    return 0;
  }
  void ask_all(tcp::Engine& tcp, Instant now) {
    for (std::uint32_t i = 0; i < active_; ++i)
      ask(tcp, opened[std::size_t{i} * opened.size() / active_], now);
  }

  std::vector<tcp::ConnectionId> opened;
  std::uint64_t failed = 0;
  bench::Samples round_trips{4'000'000};

 private:
  void ask(tcp::Engine& tcp, tcp::ConnectionId id, Instant now) {
    static constexpr std::uint8_t kByte = 'x';
    tcp.write(id, {&kByte, 1}, now);
    asked_[id.slot] = ticks();
  }

  std::uint32_t count_;
  std::uint32_t active_;
  std::uint32_t started_ = 0;
  std::vector<std::uint64_t> asked_;
};

struct Result {
  std::uint64_t requests = 0;
  std::uint64_t segments = 0;
  std::int64_t busy = 0;  // ns of CPU time of the server
};

// Asks and answers for a while.
Result measure(Server& server, tcp_host::Host& client, double seconds, Instant& now) {
  constexpr int kTurns = 32;  // between two looks at the clock
  const auto before = server.counters();
  const std::uint64_t requests = server.requests;
  Result result;
  const std::int64_t began = bench::cpu_ns();
  while (static_cast<double>(bench::cpu_ns() - began) < seconds * 1e9) {
    for (int i = 0; i < kTurns; ++i) {
      now += 10us;
      client.poll(now);
      const std::int64_t from = bench::cpu_ns();
      server.turn(now);
      result.busy += bench::cpu_ns() - from;
    }
  }
  const auto& after = server.counters();
  result.requests = server.requests - requests;
  result.segments = after.segments_in + after.segments_out - before.segments_in - before.segments_out;
  return result;
}

void tell(const Server& server, Asker& asker, const Result& plain, const Result& timed, bool offload) {
  const double requests = static_cast<double>(plain.requests);
  const double rate = bench::ticks_per_us();
  const auto per_segment = [&](int stage) {
    return static_cast<double>(server.spent[stage]) / static_cast<double>(timed.segments);
  };
  std::printf(
      "stack_rr: %zu connections open; server %.2f M requests/s per core, %.0f ns each, checksums %s\n",
      server.connections(), requests * 1e3 / static_cast<double>(plain.busy),
      static_cast<double>(plain.busy) / requests, offload ? "by the port" : "in software");
  std::printf("  round trip in this loop: %.1f us median, %.1f us p99; %.2f segments per request\n",
              asker.round_trips.percentile(0.5) / rate, asker.round_trips.percentile(0.99) / rate,
              static_cast<double>(plain.segments) / requests);
  std::printf("  ticks per segment (timing costs some 20 each):");
  for (int stage = 0; stage < kStages; ++stage) std::printf("  %s %.0f", kNames[stage], per_segment(stage));
  std::printf(
      "\n{\"server_per_core\": %.0f, \"p99_us\": %.1f, \"connections\": %zu, \"ticks_per_segment\": {",
      requests * 1e9 / static_cast<double>(plain.busy), asker.round_trips.percentile(0.99) / rate,
      server.connections());
  for (int stage = 0; stage < kStages; ++stage)
    std::printf("%s\"%s\": %.0f", stage > 0 ? ", " : "", kNames[stage], per_segment(stage));
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  const auto idle = static_cast<std::uint32_t>(argc > 1 ? std::atol(argv[1]) : 100'000);
  const auto active = static_cast<std::uint32_t>(argc > 2 ? std::atol(argv[2]) : 64);
  const double seconds = argc > 3 ? std::atof(argv[3]) : 3;
  const std::uint32_t count = idle + active;
  const bool offload = argc > 4 && std::strcmp(argv[4], "offload") == 0;
  nic::MemoryWire wire({.receive_checksum = offload, .transmit_checksum = offload});
  Server server(wire.a(), count);
  tcp_host::Host client(wire.b(), net_settings(wire.b(), 1, kSources), tcp_settings(count, wire.b()));
  Asker asker(count, active);
  client.run(asker);
  Instant now{1s};
  for (int i = 0; i < 2'000'000 && asker.opened.size() + asker.failed < count; ++i) {
    now += 10us;
    client.poll(now);
    server.turn(now);
  }
  if (asker.failed > 0 || asker.opened.size() < count)
    return std::printf("%zu of %u opened\n", asker.opened.size(), count), 1;
  asker.ask_all(client.tcp(), now);
  const auto plain = measure(server, client, seconds, now);
  server.timed = true;
  const auto timed = measure(server, client, seconds / 3, now);
  tell(server, asker, plain, timed, offload);
  return 0;
}
