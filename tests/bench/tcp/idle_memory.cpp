// Memory per idle connection, per handshake and per TIME-WAIT: measured, not only computed.
//
//   idle_memory [connections]
//
// A server engine opens so many connections to peers that exist only as segments made by hand; what the
// process grew by is divided by their number. The last line is JSON.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "firmware/tcp/engine.hpp"
#include "firmware/wire/checksum.hpp"
#include "firmware/wire/tcp.hpp"
#include "tests/bench/tcp/measure.hpp"

namespace {

using namespace postern;

std::size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  unsigned long whole = 0;
  unsigned long resident = 0;
  if (file == nullptr || std::fscanf(file, "%lu %lu", &whole, &resident) != 2) return 0;
  std::fclose(file);
  return resident * 4096;
}

wire::IpAddress address(std::uint32_t n) {
  std::array<std::uint8_t, 4> bytes;
  store_be32(bytes.data(), 0x0a000000u + n);
  return wire::IpAddress::v4(bytes.data());
}

struct Server {
  explicit Server(const tcp::Settings& settings) : engine(settings, counters) { engine.listen(25); }

  // A segment of the n-th peer; the answer's sequence number, or nothing.
  std::uint32_t hear(std::uint32_t n, std::uint8_t flags, std::uint32_t sequence,
                     std::uint32_t acknowledgment) {
    std::array<std::uint8_t, wire::kTcpHeaderMost> segment{};
    const wire::TcpHeader header{.source_port = static_cast<std::uint16_t>(1024 + n % 50000),
                                 .destination_port = 25,
                                 .sequence = sequence,
                                 .acknowledgment = acknowledgment,
                                 .flags = flags,
                                 .window = 65535};
    const auto length = wire::write_tcp_header(segment.data(), header,
                                               {.has_mss = (flags & wire::kTcpSyn) != 0, .mss = 1460});
    now += 2us;
    engine.accept_segment(
        {.source = address(n / 50000 + 1), .destination = address(0), .checksum_good = true},
        Bytes{segment.data(), length}, now);
    engine.clear_events();
    engine.advance(now);
    std::uint32_t said = 0;
    tcp::OutgoingSegment out;
    while (engine.emit(room, out, now))
      said = wire::TcpView::parse(Bytes{room}.first(out.length))->sequence();
    return said;
  }

  tcp::Counters counters;
  tcp::Engine engine;
  std::array<std::uint8_t, 1536> room{};
  Instant now{1s};
};

}  // namespace

int main(int argc, char** argv) {
  const auto count = static_cast<std::uint32_t>(argc > 1 ? std::atol(argv[1]) : 200'000);
  tcp::Settings settings;
  settings.connections = count;
  settings.buffer_memory = 64 << 20;
  const std::size_t before = resident_bytes();
  Server server(settings);
  const std::size_t made = resident_bytes();
  const std::int64_t began = bench::cpu_ns();
  for (std::uint32_t n = 0; n < count; ++n) {
    const std::uint32_t said = server.hear(n, wire::kTcpSyn, n, 0);
    server.hear(n, wire::kTcpAck, n + 1, said + 1);
  }
  const double each_ns = static_cast<double>(bench::cpu_ns() - began) / count;
  const std::size_t open = resident_bytes();
  const auto memory = server.engine.memory();
  const double each = static_cast<double>(open - before) / count;
  std::printf("idle_memory: %u of %u connections open, %zu chunks in use, %.0f ns per handshake\n",
              memory.connections, count, memory.chunks + std::size_t{0}, each_ns);
  std::printf(
      "  resident: %.1f MB before, %.1f MB with the tables made, %.1f MB with all open: %.0f bytes each, "
      "tables and all\n",
      static_cast<double>(before) / 1e6, static_cast<double>(made) / 1e6, static_cast<double>(open) / 1e6,
      each);
  std::printf("  records: connection %zu bytes, handshake %zu, TIME-WAIT %zu\n", memory.bytes_per_connection,
              memory.bytes_per_half_open, memory.bytes_per_time_wait);
  std::printf("  a million idle connections, by calculation: %.0f MB\n", each);
  std::printf(
      "{\"connections\": %u, \"bytes_each\": %.0f, \"handshake_ns\": %.0f, \"record\": %zu, \"half_open\": "
      "%zu, \"time_wait\": %zu}\n",
      memory.connections, each, each_ns, memory.bytes_per_connection, memory.bytes_per_half_open,
      memory.bytes_per_time_wait);
  return memory.connections == count ? 0 : 1;
}
