#include "tests/firmware/tcp/two_engines.hpp"

#include <algorithm>
#include <array>

namespace postern::tcp::testing {

namespace {

constexpr std::uint16_t kPort = 25;

wire::IpAddress address(int side) {
  const std::array<std::uint8_t, 4> bytes = {192, 0, 2, static_cast<std::uint8_t>(side + 1)};
  return wire::IpAddress::v4(bytes.data());
}

}  // namespace

std::uint8_t TwoEngines::stream_byte(int side, std::uint64_t position) {
  return static_cast<std::uint8_t>(
      (position * 2654435761u + position / 251 + static_cast<std::uint64_t>(side) * 97) >> 3);
}

TwoEngines::TwoEngines(std::uint64_t seed, const WireFaults& faults, const Settings& client,
                       const Settings& server)
    : dice_(seed), wire_(dice_, faults, now) {
  const Settings* settings[2] = {&client, &server};
  for (int i = 0; i < 2; ++i) {
    Settings own = *settings[i];
    for (auto& byte : own.isn_key) byte = static_cast<std::uint8_t>(dice_.next());
    for (auto& byte : own.table_key) byte = static_cast<std::uint8_t>(dice_.next());
    for (auto& byte : own.cookie_key) byte = static_cast<std::uint8_t>(dice_.next());
    sides[i].engine = std::make_unique<Engine>(own, sides[i].counters);
  }
}

std::string TwoEngines::run(const Plan& client, const Plan& server, Duration limit) {
  sides[0].plan = client;
  sides[1].plan = server;
  sides[1].engine->listen(kPort);
  const auto id = sides[0].engine->connect(address(0), {address(1), kPort}, now);
  if (!id) return std::string{id.error().reason};
  sides[0].id = *id;
  emit_all(0);
  const Instant end = now + limit;
  while (fault_.empty() && !(sides[0].finished && sides[1].finished)) {
    const Instant next = next_instant();
    // A cookie is good for two minutes (RFC 4987 §3.6): where losses last longer the peer is told, as it must
    // be.
    const bool cookie_too_old = sides[0].failed && !sides[1].open && sides[1].counters.cookies_sent > 0;
    if (next == kNever && cookie_too_old) return {};
    if (next == kNever) return "nothing will ever happen again";
    if (next > end) return "not finished in time";
    now = std::max(now, next);
    step();
  }
  if (fault_.empty()) fault_ = let_go();
  if (!fault_.empty()) return fault_;
  for (int i = 0; i < 2; ++i) {
    const std::string who = i == 0 ? "client" : "server";
    if (sides[i].failed) return who + " saw the connection die";
    if (sides[1 - i].read != sides[i].plan.bytes) return "bytes of " + who + " are missing";
    if (sides[i].engine->connections() != 0) return who + " keeps a connection";
    if (sides[i].engine->memory().half_open != 0) return who + " keeps a handshake";
    if (sides[i].engine->memory().chunks != 0) return who + " keeps chunks";
    if (sides[i].engine->next_deadline() != kNever) return who + " keeps a timer";
  }
  return {};
}

// What is on the wire still arrives, TIME-WAIT ends, and then nothing is left to happen.
std::string TwoEngines::let_go() {
  const Instant end = now + 6h;
  poke_ = kNever;
  for (Instant next = next_instant(); next != kNever; next = next_instant()) {
    if (next > end) return "something goes on after the end";
    now = std::max(now, next);
    step();
  }
  return fault_;
}

Instant TwoEngines::next_instant() const {
  Instant next = std::min({sides[0].engine->next_deadline(), sides[1].engine->next_deadline(), poke_});
  return std::min(next, wire_.next());
}

void TwoEngines::step() {
  if (poke_ <= now) poke_ = kNever;
  deliver_due();
  for (int i = 0; i < 2; ++i) {
    sides[i].engine->advance(now);
    handle_events(i);
    play(i);
    handle_events(i);
    emit_all(i);
  }
}

void TwoEngines::deliver_due() {
  while (const auto packet = wire_.take(now)) {
    sides[packet->to].engine->accept_segment(packet->info, packet->bytes, now);
    handle_events(packet->to);
    if (dice_.per_mille(700)) read_some(packet->to);
    sides[packet->to].engine->settle();
    handle_events(packet->to);
  }
}

void TwoEngines::handle_events(int index) {
  Side& side = sides[index];
  const std::vector<Event> events(side.engine->events().begin(), side.engine->events().end());
  for (const Event& event : events) {
    switch (event.kind) {
      case EventKind::opened:
      case EventKind::connected:
        side.id = event.id;
        side.open = true;
        break;
      case EventKind::readable:
      case EventKind::writable:
        break;
      case EventKind::peer_closed:
        side.peer_closed = true;
        break;
      case EventKind::reset:
      case EventKind::timed_out:
        side.failed = true;
        [[fallthrough]];
      case EventKind::closed:
        side.finished = true;
        break;
    }
  }
  side.engine->clear_events();
}

void TwoEngines::read_some(int index) {
  Side& side = sides[index];
  if (!side.open || side.finished) return;
  for (;;) {
    if (!dice_.per_mille(side.plan.read_chance)) {
      if (!side.engine->readable(side.id).empty()) poke_ = std::min(poke_, now + 3ms);
      return;
    }
    const Bytes bytes = side.engine->readable(side.id);
    if (bytes.empty()) return;
    const std::size_t count = std::min<std::size_t>(bytes.size(), 1 + dice_.below(side.plan.most_per_read));
    for (std::size_t i = 0; i < count; ++i) {
      if (bytes[i] == stream_byte(1 - index, side.read + i)) continue;
      fault_ = "a byte is wrong at " + std::to_string(side.read + i) + " on side " + std::to_string(index);
      return;
    }
    side.read += count;
    side.engine->consume(side.id, count, now);
  }
}

void TwoEngines::play(int index) {
  Side& side = sides[index];
  if (!side.open || side.finished) return;
  read_some(index);
  std::vector<std::uint8_t> piece;
  while (side.written < side.plan.bytes) {
    const std::uint64_t want =
        std::min(side.plan.bytes - side.written, 1 + dice_.below(side.plan.most_per_write));
    piece.resize(want);
    for (std::size_t i = 0; i < want; ++i) piece[i] = stream_byte(index, side.written + i);
    const std::size_t done = side.engine->write(side.id, piece, now);
    side.written += done;
    if (done < want) break;
  }
  if (side.written == side.plan.bytes && !side.closed_called) {
    side.closed_called = true;
    side.engine->close(side.id, now);
  }
}

void TwoEngines::emit_all(int index) {
  std::array<std::uint8_t, 2048> room;
  OutgoingSegment out;
  Engine& engine = *sides[index].engine;
  while (engine.emit(room, out, now)) {
    const Bytes bytes{room.data(), out.length};
    if (observer) observer(now, index, out, bytes);
    wire_.put(index, out, bytes, now, [&](const IcmpError& error) { engine.accept_icmp(error, now); });
  }
}

}  // namespace postern::tcp::testing
