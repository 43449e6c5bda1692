// What a SYN of a flood costs the whole stack, answers included, and how many a core takes.
//
//   syn_flood [seconds]
//
// SYNs from 100,000 random IPv4 and IPv6 sources come through a port in memory; the table of handshakes is
// soon full and handshakes full and are answered with a cookie. CPU time of our side only. The last line is
// JSON.
#include <cstdio>
#include <cstdlib>

#include "tests/bench/tcp/measure.hpp"
#include "tests/tools/tcp_host/world.hpp"

int main(int argc, char** argv) {
  using namespace postern;
  using namespace postern::tcp_host::test;
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1;
  World world;
  world.observer.remember = false;
  std::vector<Octets> syns;
  for (std::uint32_t n = 0; n < 100000; ++n) {
    const bool v6 = n % 4 == 0;
    syns.push_back(tcp_frame(stranger(n * 2654435761u >> 8, true, v6), ip(v6 ? "2001:db8::2" : "192.0.2.2"),
                             {.source_port = static_cast<std::uint16_t>(1024 + n),
                              .destination_port = kEchoPort,
                              .sequence = n,
                              .flags = wire::kTcpSyn,
                              .window = 1024},
                             {.has_mss = true, .mss = 1460}));
  }
  std::int64_t busy = 0;
  std::uint64_t sent = 0;
  while (static_cast<double>(busy) < seconds * 1e9) {
    for (int i = 0; i < 32; ++i, ++sent) world.inject(syns[sent * 2654435761u % syns.size()]);
    world.now += 30us;
    const std::int64_t before = bench::cpu_ns();
    world.ours->poll(world.now);
    busy += bench::cpu_ns() - before;
    world.honest->poll(world.now);
    world.honest->poll(world.now);
  }
  const auto& tcp = world.ours->tcp_counters();
  const double each = static_cast<double>(busy) / static_cast<double>(sent);
  std::printf(
      "syn_flood: %llu SYNs, %llu kept as handshakes, %llu cookies: %.0f ns each with the answer, %.2f M/s "
      "take all of one core\n",
      static_cast<unsigned long long>(sent), static_cast<unsigned long long>(tcp.syns_in - tcp.cookies_sent),
      static_cast<unsigned long long>(tcp.cookies_sent), each, 1e3 / each);
  std::printf("  one million a second take %.0f %% of a core\n", each / 10);
  std::printf("{\"ns_each\": %.0f, \"million_per_second\": %.2f}\n", each, 1e3 / each);
  return 0;
}
