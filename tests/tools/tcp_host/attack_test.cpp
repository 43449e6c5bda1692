// Attacks on the whole stack: what each may cost, in numbers, and that honest peers are served meanwhile.
#include <time.h>

#include "firmware/wire/checksum.hpp"
#include "tests/tools/tcp_host/world.hpp"

#include <CppUTest/TestHarness.h>  // after everything: it redefines new

using namespace postern;
using namespace postern::tcp_host;
using namespace postern::tcp_host::test;

namespace {

constexpr std::size_t kChunk = 4096;

const tcp::Counters& tcp_of(const World& world) {
  return world.ours->tcp_counters();
}
const net::Counters& net_of(const World& world) {
  return world.ours->net_counters();
}

Octets syn(std::uint32_t n, bool v6) {
  const auto from = stranger(n * 2654435761u >> 8, true, v6);
  return tcp_frame(from, ip(v6 ? "2001:db8::2" : "192.0.2.2"),
                   {.source_port = static_cast<std::uint16_t>(1024 + n % 60000),
                    .destination_port = kEchoPort,
                    .sequence = n,
                    .flags = wire::kTcpSyn,
                    .window = 1024},
                   {.has_mss = true, .mss = 1460});
}

double cpu_seconds() {
  timespec spec{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spec);
  return static_cast<double>(spec.tv_sec) + static_cast<double>(spec.tv_nsec) / 1e9;
}

}  // namespace

TEST_GROUP(attack){};

// RFC 4987 §3.6: cookies. One million SYNs a second from random sources, both families.
TEST(attack, a_syn_flood_takes_less_than_a_tenth_of_an_open_connections_goodput) {
  World quiet;
  CHECK_TRUE(quiet.honest_errand(kSourcePort, "source:200000000", 10s));
  World world;
  std::uint32_t n = 0;
  const auto flood = [&] {
    for (int i = 0; i < 10; ++i, ++n) world.inject(syn(n, n % 4 == 0));
  };
  CHECK_TRUE(world.honest_errand(kSourcePort, "source:200000000", 10s, 1, flood));
  CHECK_TRUE(world.errand_took * 10 < quiet.errand_took * 11);
  CHECK_TRUE(tcp_of(world).cookies_sent > 4000);
  CHECK_TRUE(world.ours->tcp().memory().half_open <= tcp::Settings{}.half_open);
  CHECK_EQUAL(0, world.ours->tcp().memory().chunks);
}

TEST(attack, honest_connections_open_during_a_syn_flood) {
  World world;
  std::uint32_t n = 0;
  const auto flood = [&] {
    for (int i = 0; i < 10; ++i, ++n) world.inject(syn(n, n % 4 == 0));
  };
  for (int i = 0; i < 1000; ++i) flood(), world.run();  // the table of handshakes is full by now
  CHECK_TRUE(world.honest_errand(kEchoPort, "echo:10000", 5s, 200, flood));
  CHECK_TRUE(tcp_of(world).cookies_accepted >= 200);
}

TEST(attack, one_network_cannot_take_all_connections) {
  for (const bool v6 : {false, true}) {
    World world([](net::Settings&, tcp::Settings& settings) { settings.connections_per_prefix = 50; });
    std::vector<Stranger> hoard;
    for (std::uint16_t i = 0; i < 200; ++i) {
      hoard.emplace_back(world, stranger(i, false, v6), static_cast<std::uint16_t>(2000 + i), kEchoPort)
          .open();
    }
    CHECK_EQUAL(50, world.ours->tcp().memory().connections);
    CHECK_TRUE(tcp_of(world).prefix_full >= 150);
    CHECK_TRUE(Stranger(world, stranger(9, true, v6), 99, kEchoPort).open());
    CHECK_TRUE(world.honest_errand(kEchoPort, "echo:10000", 5s));
  }
}

// A byte here, a byte there: each would be a piece of its own (CVE-2018-5390).
TEST(attack, tiny_segments_out_of_order_hold_bounded_memory) {
  World world;
  std::vector<Stranger> hoard;
  for (std::uint16_t i = 0; i < 20; ++i)
    hoard.emplace_back(world, stranger(i, false), static_cast<std::uint16_t>(2000 + i), kDiscardPort).open();
  const double began = cpu_seconds();
  for (int i = 1; i <= 2000; ++i) {
    for (auto& one : hoard) one.send(wire::kTcpAck, {'x'}, 2 * (i * 13 % 2000) + 1);
    world.run();
  }
  const double each = (cpu_seconds() - began) / 40000;
  const auto chunks = world.ours->tcp().memory().chunks;
  // At most the pieces' limit of chunks per connection, whatever is sent.
  CHECK_TRUE(chunks <= 20 * tcp::Settings{}.out_of_order_ranges);
  CHECK_TRUE(tcp_of(world).out_of_order_refused > 20000);
  CHECK_TRUE(each < 100e-6);
  for (auto& one : hoard) one.send(wire::kTcpRst);
  world.run(5);
  CHECK_EQUAL(0, world.ours->tcp().memory().chunks);
}

// CVE-2019-11477 and its kin: a peer that asks for tiny segments multiplies our work.
TEST(attack, a_tiny_mss_does_not_make_tiny_segments) {
  World world;
  for (const std::uint16_t mss : std::initializer_list<std::uint16_t>{1, 8, 48, 200}) {
    Stranger peer(world, stranger(mss, true), 3000, kSourcePort);
    CHECK_TRUE(peer.open({.has_mss = true, .sack_permitted = true, .mss = mss}));
    peer.send(wire::kTcpAck | wire::kTcpPsh, {'9', '0', '0', '0', '\n'});
    world.run(200);
    CHECK_TRUE(peer.heard().longest >= 200);
  }
}

// What comes back is bounded by what is allowed per second, not by what is sent.
TEST(attack, storms_of_bad_acknowledgments_are_answered_a_few_times) {
  World world;
  Stranger peer(world, stranger(1, true), 3000, kEchoPort);
  CHECK_TRUE(peer.open());
  const auto before = tcp_of(world).segments_out;
  for (int i = 0; i < 20000; ++i) {
    peer.acknowledgment ^= 1u << 20;  // of what was never sent
    peer.send(wire::kTcpAck);
    peer.send(wire::kTcpRst, {}, 100 + i % 1000);
    peer.send(wire::kTcpSyn, {}, i % 1000);
    if (i % 8 == 0) world.run();
  }
  CHECK_TRUE(tcp_of(world).segments_out - before <= 2 * tcp::Settings{}.challenge_acks);
  CHECK_TRUE(tcp_of(world).challenges_withheld > 10000);
  CHECK_EQUAL(1, world.ours->tcp().memory().connections);
}

TEST(attack, flows_that_collide_under_a_plain_sum_cost_what_others_cost) {
  const auto cost = [](bool colliding) {
    World world;
    std::vector<Stranger> flows;
    for (std::uint16_t i = 0; i < 3000; ++i) {
      // Address plus port is one constant: a table indexed by a plain sum or exclusive or has one full
      // bucket.
      const auto port = static_cast<std::uint16_t>(colliding ? 20000 - i * 2 : 2000 + i * 7);
      std::array<std::uint8_t, 4> bytes{};
      store_be32(bytes.data(), 0x0b000000u + (colliding ? i * 2u : i * 2654435u % 0x7fffffu));
      flows.emplace_back(world, wire::IpAddress::v4(bytes.data()), port, kDiscardPort).open();
    }
    const double began = cpu_seconds();
    for (int round = 0; round < 5; ++round) {
      for (auto& flow : flows) {
        flow.send(wire::kTcpAck, {'x'});
        ++flow.sequence;
        if (flow.port % 4 == 0) world.run();
      }
    }
    CHECK_EQUAL(3000, world.ours->tcp().memory().connections);
    return cpu_seconds() - began;
  };
  const double plain = cost(false);
  CHECK_TRUE(cost(true) < 4 * plain + 0.05);
}

TEST(attack, peers_that_never_complete_a_handshake_are_forgotten) {
  World world;
  for (std::uint32_t n = 0; n < 2000; ++n) {
    world.inject(syn(n, false));
    if (n % 8 == 0) world.run();
  }
  world.run(10);
  CHECK_TRUE(world.ours->tcp().memory().half_open > 1900);
  for (int i = 0; i < 80; ++i) world.now += 1s, world.run(20);
  CHECK_EQUAL(0, world.ours->tcp().memory().half_open);
  CHECK_TRUE(tcp_of(world).half_open_expired > 1900);
}

TEST(attack, peers_that_never_close_their_side_are_given_up) {
  World world;
  std::vector<Stranger> hoard;
  for (std::uint16_t i = 0; i < 300; ++i) {
    auto& peer =
        hoard.emplace_back(world, stranger(i, true), static_cast<std::uint16_t>(2000 + i), kSourcePort);
    peer.open();
    peer.send(wire::kTcpAck, {'0', '\n'});
    peer.sequence += 2;
    world.run(3);
    peer.acknowledgment = peer.heard().sequence + 1;  // of its FIN
    peer.send(wire::kTcpAck);
    world.run(2);
  }
  CHECK_EQUAL(300, world.ours->tcp().memory().connections);
  for (int i = 0; i < 70; ++i) world.now += 1s, world.run(20);
  CHECK_EQUAL(0, world.ours->tcp().memory().connections);
  CHECK_EQUAL(300, tcp_of(world).fin_wait_expired);
}

// RFC 9293 §3.8.6.1 lets a closed window live while its probes are answered; memory has to be bounded all the
// same.
TEST(attack, peers_with_closed_windows_hold_no_more_than_their_buffers) {
  constexpr std::uint32_t kBuffer = 64 * 1024;
  World world([](net::Settings&, tcp::Settings& settings) {
    settings.send_buffer = kBuffer;
    settings.user_timeout = 30s;
  });
  std::vector<Stranger> hoard;
  for (std::uint16_t i = 0; i < 100; ++i) {
    auto& peer =
        hoard.emplace_back(world, stranger(i, true), static_cast<std::uint16_t>(2000 + i), kSourcePort);
    peer.window = 0;
    peer.open();
    peer.send(wire::kTcpAck, {'9', '9', '9', '9', '9', '9', '9', '\n'});
    world.run(3);
  }
  CHECK_TRUE(world.ours->tcp().memory().chunks <= 100 * (kBuffer / kChunk + 1));
  CHECK_TRUE(world.honest_errand(kSourcePort, "source:1000000", 10s));
  // Their probes stay unanswered from here on.
  for (int i = 0; i < 200; ++i) world.now += 1s, world.run(20);
  CHECK_EQUAL(0, world.ours->tcp().memory().chunks);
  CHECK_TRUE(tcp_of(world).window_probes > 100);
}

TEST(attack, a_flood_of_fragments_takes_no_memory_and_no_honest_datagram) {
  World world;
  const auto fragment = [](std::uint32_t n, std::uint16_t place, const Octets& payload) {
    auto frame = ip_frame(stranger(n, n % 2 == 0), ip("192.0.2.2"), wire::kIpProtocolTcp, payload);
    store_be16(frame.data() + 18, static_cast<std::uint16_t>(n));  // identification
    store_be16(frame.data() + 20, place);
    store_be16(frame.data() + 24, 0);
    store_be16(frame.data() + 24, wire::checksum_finish(wire::checksum_add(0, {frame.data() + 14, 20})));
    return frame;
  };
  for (std::uint32_t n = 0; n < 20000; ++n) {
    world.inject(fragment(n, 0x2000, Octets(512, 'x')));
    if (n % 8 == 0) world.run();
  }
  world.run(10);
  CHECK_TRUE(net_of(world).fragments_in >= 19000);
  CHECK_TRUE(net_of(world).reassembly_evicted + net_of(world).dropped_fragment_source >= 18000);
  Stranger peer(world, stranger(77778, true), 3000, kDiscardPort);
  CHECK_TRUE(peer.open());
  const auto whole = tcp_frame(peer.address, peer.ours,
                               {.source_port = 3000,
                                .destination_port = kDiscardPort,
                                .sequence = peer.sequence,
                                .acknowledgment = peer.acknowledgment,
                                .flags = wire::kTcpAck,
                                .window = 1024},
                               {}, Octets(600, 'y'));
  const auto before = world.services.counts().bytes_in;
  world.inject(fragment(77778, 0x2000, Octets(whole.begin() + 34, whole.begin() + 34 + 512)));
  world.inject(fragment(77778, 64, Octets(whole.begin() + 34 + 512, whole.end())));
  world.run(5);
  CHECK_EQUAL(before + 600, world.services.counts().bytes_in);
  CHECK_TRUE(world.honest_errand(kSourcePort, "source:1000000", 5s));
}

TEST(attack, floods_of_arp_and_echo_requests_leave_honest_peers_their_share) {
  World world;
  std::uint32_t n = 0;
  const auto flood = [&] {
    for (int i = 0; i < 5; ++i, ++n) {
      Octets arp(42);
      std::fill_n(arp.begin(), 6, 0xff);
      const std::uint8_t head[] = {2, 9, 9, 9, 9, 9, 0x08, 0x06, 0, 1,   8, 0, 6,
                                   4, 0, 1, 2, 9, 9, 9,    9,    9, 192, 0, 2};
      std::copy(std::begin(head), std::end(head), arp.begin() + 6);
      arp[31] = static_cast<std::uint8_t>(10 + n % 200);
      arp[38] = 192, arp[39] = 0, arp[40] = 2, arp[41] = 2;
      world.inject(arp);
      world.inject(ip_frame(stranger(n, true), ip("192.0.2.2"), 1, {8, 0, 0xf7, 0xff, 0, 0, 0, 0}));
    }
  };
  for (int i = 0; i < 2000; ++i) flood(), world.run();
  CHECK_TRUE(world.honest_errand(kSourcePort, "source:3000000", 10s, 1, flood));
  CHECK_TRUE(net_of(world).icmp_limited > 1000);
  CHECK_TRUE(net_of(world).echo_replies <= net::Settings{}.icmp_per_second * 2);
}
