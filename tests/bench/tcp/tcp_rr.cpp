// Small request and response over memory: two engines on one core, no port, no copy but the frame's.
//
//   tcp_rr [idle connections] [active connections] [seconds] [shards]
//
// The idle connections are real: opened by handshakes, in both flow tables, with their timers armed. Each
// active one sends one byte, waits for one byte back, and again. Time is CPU time, measured per side, so that
// the figure is what one core can do that has the server's work only. Several shards share nothing; each is a
// thread of its own. The last line is JSON.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "tests/bench/tcp/measure.hpp"

namespace {

using namespace postern;
using namespace postern::tcp;
using bench::cpu_ns;

constexpr std::size_t kBurst = 32;

struct FrameBuffer {
  std::array<std::uint8_t, 1536> bytes;
  OutgoingSegment segment;
};

// A ring of frames from one side to the other.
struct Ring {
  std::vector<FrameBuffer> frames{1024};
  std::size_t head = 0;
  std::size_t tail = 0;
  bool full() const { return head - tail == frames.size(); }
  bool empty() const { return head == tail; }
};

struct Side {
  Counters counters;
  std::unique_ptr<Engine> engine;
  Ring out;
  std::int64_t busy = 0;
  std::vector<ConnectionId> opened;
};

struct Outcome {
  bool good = false;
  double exchanges = 0;
  double both_ns = 0;  // of CPU, for all exchanges
  double server_ns = 0;
  double client_ns = 0;
  double segments = 0;
  double p50_us = 0;
  double p99_us = 0;
  std::size_t connections = 0;
  std::size_t bytes_each = 0;
};

void emit_all(Side& side, Instant now) {
  while (!side.out.full()) {
    FrameBuffer& frame = side.out.frames[side.out.head % side.out.frames.size()];
    if (!side.engine->emit(frame.bytes, frame.segment, now)) return;
    ++side.out.head;
  }
}

// One poll of one side: a burst in, the application on every event, everything that wants to leave out.
template <typename OnReadable>
void poll(Side& side, Ring& in, Instant now, OnReadable&& on_readable) {
  for (std::size_t i = 0; i < kBurst && !in.empty(); ++i) {
    const FrameBuffer& frame = in.frames[in.tail % in.frames.size()];
    const SegmentInfo info{frame.segment.source, frame.segment.destination, 0, true};
    side.engine->accept_segment(info, Bytes{frame.bytes.data(), frame.segment.length}, now);
    for (const Event& event : side.engine->events()) {
      if (event.kind == EventKind::readable) on_readable(event.id);
      if (event.kind == EventKind::opened || event.kind == EventKind::connected)
        side.opened.push_back(event.id);
    }
    side.engine->settle();
    side.engine->clear_events();
    ++in.tail;
  }
  side.engine->advance(now);
  emit_all(side, now);
}

wire::IpAddress address(std::uint8_t net, std::uint8_t host) {
  const std::array<std::uint8_t, 4> bytes = {10, net, 0, host};
  return wire::IpAddress::v4(bytes.data());
}

class Shard {
 public:
  Shard(std::uint32_t idle, std::uint32_t active) : count_(idle + active), active_(active), asked_(count_) {
    Settings settings;
    settings.connections = count_;
    settings.buffer_memory = 64 << 20;
    settings.checksum_offload = true;
    for (std::size_t i = 0; i < 16; ++i)
      settings.table_key[i] = settings.isn_key[i] = static_cast<std::uint8_t>(i * 11);
    client_.engine = std::make_unique<Engine>(settings, client_.counters);
    server_.engine = std::make_unique<Engine>(settings, server_.counters);
    server_.engine->listen(7);
  }

  bool open() {
    const auto step = [&] {
      now_ += 5us;
      poll(client_, server_.out, now_, [](ConnectionId) {});
      poll(server_, client_.out, now_, [](ConnectionId) {});
    };
    for (std::uint32_t i = 0; i < count_; ++i) {
      const auto from = address(1, static_cast<std::uint8_t>(1 + i % 16));
      if (!client_.engine->connect(from, {address(2, 1), 7}, now_)) return false;
      step();
    }
    for (int i = 0; i < 1'000'000 && (client_.opened.size() < count_ || server_.opened.size() < count_); ++i)
      step();
    return server_.opened.size() == count_;
  }

  Outcome run(double seconds) {
    // The active ones are spread over the tables.
    for (std::uint32_t i = 0; i < active_; ++i) ask(client_.opened[std::size_t{i} * count_ / active_]);
    emit_all(client_, now_);
    const std::uint64_t segments_before = server_.counters.segments_in + server_.counters.segments_out;
    const std::int64_t begin = cpu_ns();
    std::int64_t mark = begin;
    while (static_cast<double>(mark - begin) < seconds * 1e9) {
      for (int i = 0; i < 64; ++i) mark = turn();
    }
    Outcome outcome{.good = true,
                    .exchanges = static_cast<double>(answered_),
                    .both_ns = static_cast<double>(mark - begin),
                    .server_ns = static_cast<double>(server_.busy),
                    .client_ns = static_cast<double>(client_.busy),
                    .connections = server_.engine->connections(),
                    .bytes_each = server_.engine->memory().bytes_per_connection};
    outcome.segments =
        static_cast<double>(server_.counters.segments_in + server_.counters.segments_out - segments_before);
    const double rate = bench::ticks_per_us();
    outcome.p50_us = round_trips_.percentile(0.5) / rate;
    outcome.p99_us = round_trips_.percentile(0.99) / rate;
    return outcome;
  }

 private:
  void ask(ConnectionId id) {
    client_.engine->write(id, kOne, now_);
    asked_[id.slot] = bench::ticks();
  }

  std::int64_t turn() {
    now_ += 10us;
    const std::int64_t before = cpu_ns();
    poll(server_, client_.out, now_, [&](ConnectionId id) {
      server_.engine->consume(id, server_.engine->readable(id).size(), now_);
      server_.engine->write(id, kOne, now_);
      ++answered_;
    });
    const std::int64_t between = cpu_ns();
    poll(client_, server_.out, now_, [&](ConnectionId id) {
      client_.engine->consume(id, client_.engine->readable(id).size(), now_);
      round_trips_.add(bench::ticks() - asked_[id.slot]);
      ask(id);
    });
    const std::int64_t after = cpu_ns();
    server_.busy += between - before;
    client_.busy += after - between;
    return after;
  }

  static constexpr std::uint8_t kByte = 'x';
  const Bytes kOne{&kByte, 1};
  std::uint32_t count_;
  std::uint32_t active_;
  Side client_;
  Side server_;
  Instant now_{1s};
  std::uint64_t answered_ = 0;
  std::vector<std::uint64_t> asked_;  // by slot
  bench::Samples round_trips_{4'000'000};
};

// The first shard stands for all in what is told of one; rates are added up.
void tell(const std::vector<Outcome>& outcomes) {
  const Outcome& one = outcomes.front();
  double server = 0;
  double both = 0;
  for (const auto& each : outcomes) {
    server += each.exchanges * 1e9 / each.server_ns;
    both += each.exchanges * 1e9 / each.both_ns;
  }
  const auto shards = static_cast<double>(outcomes.size());
  std::printf("tcp_rr, %zu shard(s), %zu connections open in each, %zu bytes each\n", outcomes.size(),
              one.connections, one.bytes_each);
  std::printf("  server alone: %.2f M requests/s per core of its time (%.0f ns each), all shards %.2f M\n",
              server / shards / 1e6, one.server_ns / one.exchanges, server / 1e6);
  std::printf("  both sides on one core: %.2f M requests/s per core\n", both / shards / 1e6);
  std::printf("  round trip in this loop: %.1f us median, %.1f us p99\n", one.p50_us, one.p99_us);
  std::printf("  segments per request: %.2f\n", one.segments / one.exchanges);
  std::printf(
      "{\"server_per_core\": %.0f, \"both_per_core\": %.0f, \"shards\": %zu, \"server_all\": %.0f, "
      "\"p50_us\": %.1f, "
      "\"p99_us\": %.1f, \"segments\": %.2f, \"connections\": %zu}\n",
      server / shards, both / shards, outcomes.size(), server, one.p50_us, one.p99_us,
      one.segments / one.exchanges, one.connections);
}

}  // namespace

int main(int argc, char** argv) {
  const auto idle = static_cast<std::uint32_t>(argc > 1 ? std::atol(argv[1]) : 100'000);
  const auto active = static_cast<std::uint32_t>(argc > 2 ? std::atol(argv[2]) : 64);
  const double seconds = argc > 3 ? std::atof(argv[3]) : 3;
  const std::size_t shards = argc > 4 ? static_cast<std::size_t>(std::atol(argv[4])) : 1;
  std::vector<Outcome> outcomes(std::max<std::size_t>(shards, 1));
  std::vector<std::thread> threads;
  for (auto& outcome : outcomes) {
    threads.emplace_back([&outcome, idle, active, seconds] {
      Shard shard(idle, active);
      if (shard.open()) outcome = shard.run(seconds);
    });
  }
  for (auto& thread : threads) thread.join();
  if (!outcomes.front().good) return std::printf("the connections did not open\n"), 1;
  tell(outcomes);
  return 0;
}
