// The engine under a stream of commands: segments with right checksums and sequence numbers near the window,
// calls of the application, steps of time. After each, invariants that no input may break.
//
// The input is read as commands of a few bytes, so mutation stays meaningful: whole handshakes and
// acknowledgments of all that was sent are one command, so that a short input gets far. The fuzzer sees what
// the engine sends and builds its segments from the numbers last seen, as a peer (or somebody who guesses
// well) would.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "firmware/tcp/engine.hpp"
#include "firmware/wire/checksum.hpp"
#include "firmware/wire/tcp.hpp"
#include "tests/fuzz/tcp/parts.hpp"

namespace {

using namespace postern;
using namespace postern::tcp;
using namespace postern::tcp::fuzz;

class World {
 public:
  explicit World(Input& in) : in_(in), settings_(settings_from(in)), engine_(settings_, counters_) {
    const std::array<std::uint8_t, 4> own = {192, 0, 2, 1};
    const std::array<std::uint8_t, 4> peer = {198, 51, 100, 7};
    own_ = wire::IpAddress::v4(own.data());
    peer_ = wire::IpAddress::v4(peer.data());
    engine_.listen(25);
    for (std::uint16_t i = 0; i < peers_.size(); ++i)
      peers_[i].peer_port = static_cast<std::uint16_t>(40000 + i);
  }

  void run() {
    for (int steps = 0; steps < 400 && !in_.empty(); ++steps) {
      step();
      drain();
      check();
    }
    finish();
  }

 private:
  void step() {
    const std::uint8_t command = in_.byte();
    Peer& peer = peers_[command >> 6];
    if ((command & 0x30) == 0x30) return usual_step(peer, command & 15);
    switch (command & 15) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        return segment(peer);
      case 6: {
        const std::vector<std::uint8_t> data(in_.word() % 8000, 'w');
        require(engine_.write(peer.id, data, now_) <= data.size());
        return;
      }
      case 7:
        return engine_.close(peer.id, now_);
      case 8:
        return engine_.abort(peer.id, now_);
      case 9:
        return read(peer);
      case 10: {
        if (const auto id = engine_.connect(own_, {peer_, peer.peer_port}, now_)) {
          peer.id = *id;
          peer.own_port = engine_.flow(*id).local.port;
        }
        return;
      }
      case 11:
        return pass(std::chrono::milliseconds{in_.byte()});
      case 12:
        return pass(std::chrono::milliseconds{in_.word() * 4});
      case 13: {
        const IcmpError error{{{own_, peer.own_port}, {peer_, peer.peer_port}},
                              static_cast<IcmpError::Kind>(in_.byte() % 3),
                              peer.engine_una + in_.byte(),
                              in_.word()};
        return engine_.accept_icmp(error, now_);
      }
      case 14:
        hold_output_ = !hold_output_;
        return;
      default:
        return step_without_settle(peer);
    }
  }

  // What an honest peer does, in one command.
  void usual_step(Peer& peer, std::uint8_t which) {
    wire::TcpOptions options;
    switch (which) {
      case 0:
      case 1:
      case 2: {  // SYN and, after the answer, ACK
        options = honest_syn(which);
        deliver(peer, peer.next, 0, static_cast<std::uint8_t>(wire::kTcpSyn | (which == 2 ? 0xc0 : 0)), 65535,
                options, 0, 0);
        ++peer.next;
        drain();
        return plain(peer, 0, wire::kTcpAck, which == 1);
      }
      case 3:
      case 4:
        return plain(peer, 0, wire::kTcpAck, which == 4);  // all that was sent
      case 5:
      case 6:
        return plain(peer, 1460, wire::kTcpAck | wire::kTcpPsh, which == 6);
      case 7:
        return plain(peer, 0, wire::kTcpAck | wire::kTcpFin, false);
      case 8:
        return report(peer, false);
      case 9:
        return report(peer, true);
      case 10: {
        const std::vector<std::uint8_t> data(60'000, 'w');
        require(engine_.write(peer.id, data, now_) <= data.size());
        return;
      }
      default:
        return pass(std::chrono::milliseconds{1 << (which - 11) * 4});
    }
  }

  void plain(Peer& peer, std::size_t payload, std::uint8_t flags, bool timestamps) {
    wire::TcpOptions options;
    options.has_timestamps = timestamps;
    options.timestamp = peer.timestamp;
    options.timestamp_echo = peer.engine_timestamp;
    deliver(peer, peer.next, peer.engine_next, flags, 65535, options, payload, in_.byte() & 3);
    peer.next += static_cast<std::uint32_t>(payload) + ((flags & wire::kTcpFin) != 0);
  }

  // SACK of a piece of what is in flight; or an acknowledgment with a report of a duplicate.
  void report(Peer& peer, bool duplicate) {
    wire::TcpOptions options;
    const std::uint32_t from = peer.engine_una + in_.byte() * 536u;
    options.sack[0] = {from, from + in_.byte() % 8 * 536u};
    options.sack_count = 1;
    deliver(peer, peer.next, duplicate ? peer.engine_next : peer.engine_una, wire::kTcpAck, 65535, options, 0,
            0);
  }

  // Numbers near what is right: mostly exact, sometimes off.
  std::uint32_t near(std::uint32_t exact, std::uint8_t how) {
    switch (how & 7) {
      case 0:
        return exact - in_.byte();
      case 1:
        return exact + in_.word();
      case 2:
        return exact + 1;
      case 3:
        return exact - 1;
      default:
        return exact;
    }
  }

  void segment(Peer& peer) {
    const std::uint8_t flags = in_.byte();
    const std::uint8_t how = in_.byte();
    const std::uint8_t what = in_.byte();
    const std::size_t payload = (what & 3) == 0 ? 0 : in_.word() % ((what & 3) == 1 ? 20 : 1461);
    wire::TcpOptions options;
    if ((what & 4) != 0) {
      options.has_timestamps = true;
      options.timestamp = near(peer.timestamp, what >> 5);
      options.timestamp_echo = peer.engine_timestamp;
    }
    if ((flags & wire::kTcpSyn) != 0) {
      options.has_mss = (what & 8) != 0;
      options.mss = in_.word();
      options.has_window_scale = (what & 16) != 0;
      options.window_scale = in_.byte() & 15;
      options.sack_permitted = (what & 32) != 0;
    } else if ((what & 8) != 0) {
      options.sack_count = 1 + (in_.byte() & 3) % 3;
      for (std::size_t i = 0; i < options.sack_count; ++i) {
        options.sack[i].start = peer.engine_una + in_.word() % 4000;
        options.sack[i].end = options.sack[i].start + in_.word() % 3000;
      }
    }
    const std::uint32_t sequence = near(peer.next, how);
    const std::uint32_t ack = near((how & 64) != 0 ? peer.engine_una : peer.engine_next, how >> 3);
    const std::uint16_t window = (how & 128) != 0 ? in_.word() : 65535;
    if ((how & 0x88) == 0x88) options.user_timeout = in_.word();
    deliver(peer, sequence, ack, flags, window, options, payload, what >> 6);
    if (sequence == peer.next && (flags & wire::kTcpRst) == 0) {
      peer.next += static_cast<std::uint32_t>(payload) + ((flags & wire::kTcpSyn) != 0) +
                   ((flags & wire::kTcpFin) != 0);
    }
  }

  void deliver(Peer& peer, std::uint32_t sequence, std::uint32_t ack, std::uint8_t flags,
               std::uint16_t window, const wire::TcpOptions& options, std::size_t payload, std::uint8_t ecn) {
    bytes_.assign(wire::kTcpHeaderMost + payload, 'p');
    const std::size_t at = wire::write_tcp_header(
        bytes_.data(), {peer.peer_port, peer.own_port, sequence, ack, flags, window, 0}, options);
    bytes_.resize(at + payload);
    if ((flags & wire::kTcpAck) != 0 && static_cast<std::int32_t>(ack - peer.engine_una) > 0 &&
        static_cast<std::int32_t>(ack - peer.engine_next) <= 0)
      peer.engine_una = ack;
    const std::uint32_t pseudo =
        wire::pseudo_header_sum(peer_, own_, 6, static_cast<std::uint32_t>(bytes_.size()));
    store_be16(bytes_.data() + 16, wire::checksum_finish(wire::checksum_add(pseudo, bytes_)));
    engine_.accept_segment({peer_, own_, ecn, false}, bytes_, now_);
    if (!keep_arrived_) settle(peer);
  }

  void settle(Peer& peer) {
    take_events(peer);
    engine_.settle();
    bytes_.assign(bytes_.size(), 0xee);  // the frame is gone: nobody may look at it again
  }

  // Reads straight out of the frame before it goes.
  void step_without_settle(Peer& peer) {
    keep_arrived_ = true;
    segment(peer);
    keep_arrived_ = false;
    take_events(peer);
    read(peer);
    settle(peer);
  }

  void read(Peer& peer) {
    const Bytes bytes = engine_.readable(peer.id);
    require(is_all(bytes, 'p'));
    if (bytes.empty()) return;
    engine_.consume(peer.id, 1 + in_.byte() * bytes.size() / 256, now_);
  }

  void pass(Duration time) {
    const Instant end = now_ + time;
    for (int i = 0; i < 200 && engine_.next_deadline() <= end; ++i) {
      const Instant next = engine_.next_deadline();
      now_ = std::max(now_, next);
      engine_.advance(now_);
      drain();
    }
    now_ = std::max(now_, end);
  }

  void take_events(Peer& peer) {
    for (const Event& event : engine_.events()) {
      if (event.kind == EventKind::opened) {
        const wire::Flow flow = engine_.flow(event.id);
        for (Peer& other : peers_) {
          if (flow.remote.port == other.peer_port && flow.local.port == other.own_port) other.id = event.id;
        }
      }
    }
    static_cast<void>(peer);
    engine_.clear_events();
  }

  void drain() {
    take_events(peers_[0]);
    if (hold_output_) return;
    std::array<std::uint8_t, 1480> room;
    OutgoingSegment out;
    int segments = 0;
    while (engine_.emit(room, out, now_)) {
      require(++segments < 5000);
      require(out.length >= 20 && out.length <= room.size());
      const auto view = wire::TcpView::parse(Bytes{room.data(), out.length});
      require(view.has_value());
      require(is_all(view->payload(), 'w'));
      look(*view);
    }
  }

  void look(const wire::TcpView& view) {
    for (Peer& peer : peers_) {
      if (view.destination_port() != peer.peer_port || view.source_port() != peer.own_port) continue;
      if ((view.flags() & wire::kTcpRst) != 0) return;
      const bool syn = (view.flags() & wire::kTcpSyn) != 0;
      const std::uint32_t end = view.sequence() + static_cast<std::uint32_t>(view.payload().size()) +
                                (syn ? 1u : 0u) + ((view.flags() & wire::kTcpFin) != 0 ? 1u : 0u);
      if (syn || static_cast<std::int32_t>(end - peer.engine_next) > 0) peer.engine_next = end;
      if (syn) peer.engine_una = view.sequence();
      const wire::TcpOptions options = wire::parse_tcp_options(view.options());
      if (options.has_timestamps) peer.engine_timestamp = options.timestamp;
      ++peer.timestamp;
    }
  }

  void check() {
    const MemoryFacts memory = engine_.memory();
    require(memory.connections <= settings_.connections);
    require(memory.half_open <= settings_.half_open);
    require(memory.chunks <= settings_.buffer_memory / 4096);
    for (const Peer& peer : peers_) {
      const auto facts = engine_.facts(peer.id);
      if (!facts) continue;
      require(facts->send_queue <= settings_.send_buffer);
      require(facts->receive_queue <= settings_.receive_buffer + 65536);
      require(facts->mss >= 500 && facts->mss <= 1460);
      require(facts->congestion_window >= 500);
    }
  }

  // Everything is let go: nothing may be left.
  void finish() {
    hold_output_ = false;
    drain();
    for (Peer& peer : peers_) engine_.abort(peer.id, now_);
    for (int i = 0; i < 4000 && engine_.connections() > 0; ++i) {
      pass(10s);
      for (Peer& peer : peers_) read(peer);
    }
    pass(200s);
    const MemoryFacts memory = engine_.memory();
    require(memory.half_open == 0);
    if (engine_.connections() == 0) require(memory.chunks == 0);
  }

  Input& in_;
  Settings settings_;
  Counters counters_;
  Engine engine_;
  Instant now_{100s};
  wire::IpAddress own_;
  wire::IpAddress peer_;
  std::array<Peer, 4> peers_;
  std::vector<std::uint8_t> bytes_;
  bool hold_output_ = false;
  bool keep_arrived_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in{data, size};
  World world{in};
  world.run();
  return 0;
}
