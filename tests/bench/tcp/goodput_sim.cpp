// Goodput of our sender under loss and delay, in virtual time: two engines and a line, no kernel, no clock.
//
//   goodput_sim [megabits] [queue KB] [delay ms] [loss %] [seconds] [seed]
//
// The line is tcp-line's. What comes out does not depend on the machine nor on what else runs on it, so a
// difference to the lab's figures is the lab's. The last line is JSON.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "tools/tcp_host/slow_line.hpp"

namespace {

using namespace postern;
using tcp_host::SlowLine;

constexpr std::size_t kIpAndEthernet = 34;  // bytes on the line that the engine does not write

tcp::Settings settings() {
  tcp::Settings settings;
  settings.connections = settings.half_open = 4;
  settings.send_buffer = 4 << 20;
  settings.receive_buffer = 6 << 20;
  settings.buffer_memory = 32 << 20;
  return settings;
}

wire::IpAddress address(std::uint8_t host) {
  const std::array<std::uint8_t, 4> bytes = {192, 0, 2, host};
  return wire::IpAddress::v4(bytes.data());
}

struct Side {
  explicit Side(std::uint8_t host, std::uint8_t peer)
      : engine(settings(), counters), own(address(host)), other(address(peer)) {}

  void hear(SlowLine& from, Instant now) {
    while (auto* held = from.take(now)) {
      const Bytes segment{held->bytes + kFrameHeadroom + kIpAndEthernet, held->length - kIpAndEthernet};
      engine.accept_segment({.source = other, .destination = own, .checksum_good = true}, segment, now);
      for (const auto& event : engine.events()) {
        if (event.kind == tcp::EventKind::readable) read(event.id, now);
      }
      engine.settle();
      engine.clear_events();
      from.free(held);
    }
  }
  void read(tcp::ConnectionId id, Instant now) {
    for (Bytes bytes = engine.readable(id); !bytes.empty(); bytes = engine.readable(id)) {
      got += bytes.size();
      engine.consume(id, bytes.size(), now);
    }
  }
  void speak(SlowLine& to, Instant now) {
    std::array<std::uint8_t, SlowLine::kLongest> bytes;
    tcp::OutgoingSegment segment;
    while (engine.emit(MutableBytes{bytes}.subspan(kIpAndEthernet, 1480), segment, now)) {
      Frame frame;
      frame.data = bytes.data();
      frame.length = frame.capacity = static_cast<std::uint16_t>(segment.length + kIpAndEthernet);
      to.put(frame, now);
    }
  }

  tcp::Counters counters;
  tcp::Engine engine;
  wire::IpAddress own;
  wire::IpAddress other;
  std::uint64_t got = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int at, double otherwise) { return argc > at ? std::atof(argv[at]) : otherwise; };
  const tcp_host::SlowLineOptions options{.megabits = static_cast<std::uint64_t>(number(1, 100)),
                                          .queue = static_cast<std::uint64_t>(number(2, 256)) * 1024,
                                          .delay = Duration(static_cast<std::int64_t>(number(3, 40) * 1e6)),
                                          .loss = number(4, 1) / 100,
                                          .seed = static_cast<std::uint64_t>(number(6, 1))};
  const double seconds = number(5, 10);
  SlowLine there(options, options.loss);
  SlowLine back(options, 0);
  Side sender(1, 2);
  Side receiver(2, 1);
  receiver.engine.listen(9);
  Instant now{1s};
  const std::vector<std::uint8_t> data(1 << 17, 'x');
  const auto id = sender.engine.connect(sender.own, {receiver.own, 9}, now);
  if (!id) return 1;
  // As the lab counts: the first second after the first byte is measured by nobody.
  Instant first{};
  std::uint64_t before = 0;
  while (first == Instant{} ||
         now < first + 1s + std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9))) {
    if (receiver.got > 0 && first == Instant{}) first = now;
    if (first == Instant{} || now < first + 1s) before = receiver.got;
    sender.engine.advance(now);
    receiver.engine.advance(now);
    while (sender.engine.write_room(*id) > 0 && sender.engine.write(*id, data, now) > 0) {
    }
    sender.speak(there, now);
    receiver.speak(back, now);
    receiver.hear(there, now);
    sender.hear(back, now);
    receiver.speak(back, now);
    const Instant next = std::min({there.next_deadline(), back.next_deadline(), sender.engine.next_deadline(),
                                   receiver.engine.next_deadline()});
    now = std::max(now + 1us, next);
    if (next == kNever) break;
  }
  const double rate = static_cast<double>(receiver.got - before) * 8 / 1e6 / seconds;
  const auto& c = sender.counters;
  std::printf(
      "goodput_sim: %.2f Mb/s; %llu lost, %llu dropped by the queue; %llu recoveries, %llu time-outs\n", rate,
      there.lost(), there.dropped(), static_cast<unsigned long long>(c.recoveries),
      static_cast<unsigned long long>(c.timeouts));
  std::printf("{\"megabits\": %.2f, \"time_outs\": %llu}\n", rate,
              static_cast<unsigned long long>(c.timeouts));
  return 0;
}
