// What a SYN of a flood costs the whole stack, answers included, how many a core takes, and what a flood at
// the full rate of a 1 Gb/s port leaves of an open transfer.
//
//   syn_flood [seconds]
//
// SYNs from 100,000 random IPv4 and IPv6 sources come through a port in memory; the table of handshakes is
// soon full and they are answered with cookies. CPU time of our side only; rates are per second of the
// bench's own clock, so load on the machine changes neither. The last line is JSON.
#include <cstdio>
#include <cstdlib>

#include "tests/bench/tcp/measure.hpp"
#include "tests/tools/tcp_host/world.hpp"

namespace {

using namespace postern;
using namespace postern::tcp_host;
using namespace postern::tcp_host::test;

constexpr double kFullRate = 1e9 / 8 / 84;  // SYNs a second: 64 bytes, preamble and gap (IEEE 802.3)

class Flood {
 public:
  Flood() {
    for (std::uint32_t n = 0; n < 100000; ++n) {
      const bool v6 = n % 4 == 0;
      syns_.push_back(tcp_frame(stranger(n * 2654435761u >> 8, true, v6),
                                ip(v6 ? "2001:db8::2" : "192.0.2.2"),
                                {.source_port = static_cast<std::uint16_t>(1024 + n),
                                 .destination_port = kEchoPort,
                                 .sequence = n,
                                 .flags = wire::kTcpSyn,
                                 .window = 1024},
                                {.has_mss = true, .mss = 1460}));
    }
  }
  void send(World& world) { world.inject(syns_[sent++ * 2654435761u % syns_.size()]); }

  std::uint64_t sent = 0;

 private:
  std::vector<Octets> syns_;
};

double timed_poll(World& world) {
  const std::int64_t before = bench::cpu_ns();
  world.ours->poll(world.now);
  return static_cast<double>(bench::cpu_ns() - before);
}

// Nanoseconds per SYN.
double flood_alone(Flood& flood, double seconds) {
  World world;
  world.observer.remember = false;
  double busy = 0;
  const std::uint64_t before = flood.sent;
  while (busy < seconds * 1e9) {
    for (int i = 0; i < 32; ++i) flood.send(world);
    world.now += 30us;
    busy += timed_poll(world);
    world.honest->poll(world.now);
    world.honest->poll(world.now);
  }
  const auto& tcp = world.ours->tcp_counters();
  const double sent = static_cast<double>(flood.sent - before);
  std::printf(
      "syn_flood: %.0f SYNs, %llu kept as handshakes, %llu cookies: %.0f ns each with the answer, %.2f M/s "
      "take all of one core\n",
      sent, static_cast<unsigned long long>(tcp.syns_in - tcp.cookies_sent),
      static_cast<unsigned long long>(tcp.cookies_sent), busy / sent, sent * 1e3 / busy);
  return busy / sent;
}

// Seconds of our core for each gigabit that one honest connection takes from us.
double transfer() {
  constexpr double kGigabits = 200e6 * 8 / 1e9;
  World world;
  world.observer.remember = false;
  Client client(
      {.to = {ip("192.0.2.2"), kSourcePort}, .errand = *parse_errand("source:200000000"), .connections = 1},
      16);
  client.set_source(ip("192.0.2.1"));
  world.honest->run(client);
  double busy = 0;
  for (const Instant end = world.now + 60s; !client.done() && world.now < end;) {
    world.now += World::kStep;
    busy += timed_poll(world);
    world.honest->poll(world.now);
  }
  return client.done() && client.result().failed == 0 ? busy / 1e9 / kGigabits : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Flood flood;
  const double each = flood_alone(flood, argc > 1 ? std::atof(argv[1]) : 1);
  const double share = kFullRate * each / 1e9;
  const double gigabit = transfer();
  std::printf(
      "  a 1 Gb/s port full of them is %.2f M/s: %.0f %% of a core; a transfer of 1 Gb/s takes %.1f %%\n",
      kFullRate / 1e6, share * 100, gigabit * 100);
  std::printf(
      "{\"ns_each\": %.0f, \"million_per_second\": %.2f, \"flood_core_percent\": %.0f, "
      "\"gigabit_core_percent\": %.1f}\n",
      each, 1e3 / each, share * 100, gigabit * 100);
  return 0;
}
