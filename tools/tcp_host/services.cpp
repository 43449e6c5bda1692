#include "tools/tcp_host/services.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "tools/tcp_host/pattern.hpp"

namespace postern::tcp_host {
namespace {

using tcp::EventKind;

constexpr std::array<std::pair<std::string_view, Service>, 6> kNames{{{"echo", Service::echo},
                                                                      {"discard", Service::discard},
                                                                      {"chargen", Service::chargen},
                                                                      {"rr", Service::rr},
                                                                      {"digest", Service::digest},
                                                                      {"source", Service::source}}};

constexpr std::uint8_t kHeader = 8;

bool is_end(EventKind kind) {
  return kind == EventKind::reset || kind == EventKind::timed_out || kind == EventKind::closed;
}

}  // namespace

Result<Service> service_by_name(std::string_view name) {
  for (const auto& [known, service] : kNames) {
    if (known == name) return service;
  }
  return fail("no such service: echo, discard, chargen, rr, digest or source");
}

Services::Services(std::vector<ServedPort> ports, std::uint32_t connections)
    : ports_(std::move(ports)), talks_(connections) {}

void Services::listen(tcp::Engine& tcp) const {
  for (const auto& served : ports_) tcp.listen(served.port);
}

bool Services::owns(const tcp::Event& event) const {
  return event.kind == EventKind::opened || (event.id.slot < talks_.size() && talks_[event.id.slot].live);
}

void Services::open(tcp::Engine& tcp, tcp::ConnectionId id) {
  const auto port = tcp.flow(id).local.port;
  const auto found = std::ranges::find(ports_, port, &ServedPort::port);
  if (found == ports_.end() || id.slot >= talks_.size()) return;
  talks_[id.slot] = Talk{.live = true, .service = found->service};
  ++counts_.opened;
  ++counts_.open;
}

void Services::on_event(tcp::Engine& tcp, const tcp::Event& event, Instant now) {
  if (event.kind == EventKind::opened) open(tcp, event.id);
  if (event.id.slot >= talks_.size() || !talks_[event.id.slot].live) return;
  Talk& talk = talks_[event.id.slot];
  if (event.kind == EventKind::peer_closed) talk.peer_done = true;
  if (!is_end(event.kind)) return pump({tcp, event.id, now, talk});
  ++(event.kind == EventKind::closed ? counts_.ended : counts_.broken);
  --counts_.open;
  talk.live = false;
}

void Services::consume(Turn& turn, std::size_t count) {
  turn.tcp.consume(turn.id, count, turn.now);
  turn.talk.in += count;
  counts_.bytes_in += count;
}

void Services::close(Turn& turn) {
  if (turn.talk.closed) return;
  turn.talk.closed = true;
  turn.tcp.close(turn.id, turn.now);
}

void Services::pump(Turn turn) {
  switch (turn.talk.service) {
    case Service::echo:
      return echo(turn);
    case Service::discard:
      return discard(turn);
    case Service::chargen:
      return generate(turn);
    case Service::rr:
      return respond(turn);
    case Service::digest:
      return digest(turn);
    case Service::source:
      return source(turn);
  }
}

void Services::echo(Turn& turn) {
  for (Bytes data = turn.tcp.readable(turn.id); !data.empty(); data = turn.tcp.readable(turn.id)) {
    const std::size_t taken = turn.tcp.write(turn.id, data, turn.now);
    counts_.bytes_out += taken;
    consume(turn, taken);
    if (taken < data.size()) return;  // goes on when it is writable
  }
  if (turn.talk.peer_done) close(turn);
}

void Services::discard(Turn& turn) {
  for (Bytes data = turn.tcp.readable(turn.id); !data.empty(); data = turn.tcp.readable(turn.id)) {
    consume(turn, data.size());
  }
  if (turn.talk.peer_done) close(turn);
}

void Services::write_pattern(Turn& turn) {
  while (turn.talk.owed > 0) {
    Bytes piece = pattern(turn.talk.out);
    piece = piece.first(std::min<std::uint64_t>(piece.size(), turn.talk.owed));
    const std::size_t taken = turn.tcp.write(turn.id, piece, turn.now);
    turn.talk.out += taken;
    turn.talk.owed -= taken;
    counts_.bytes_out += taken;
    if (taken < piece.size()) return;
  }
}

void Services::generate(Turn& turn) {
  discard(turn);
  if (turn.talk.peer_done) return;
  turn.talk.owed = UINT64_MAX;
  write_pattern(turn);
}

void Services::take_request(Turn& turn, Bytes& data) {
  Talk& talk = turn.talk;
  if (talk.to_skip > 0) {
    const std::size_t count = std::min<std::size_t>(talk.to_skip, data.size());
    talk.to_skip -= static_cast<std::uint32_t>(count);
    data = data.subspan(count);
  } else {
    const std::size_t count = std::min<std::size_t>(kHeader - talk.header_bytes, data.size());
    std::memcpy(talk.header + talk.header_bytes, data.data(), count);
    talk.header_bytes = static_cast<std::uint8_t>(talk.header_bytes + count);
    data = data.subspan(count);
    if (talk.header_bytes < kHeader) return;
    talk.to_skip = std::max<std::uint32_t>(load_be32(talk.header), kHeader) - kHeader;
  }
  if (talk.to_skip > 0 || talk.header_bytes < kHeader) return;
  talk.owed += load_be32(talk.header + 4);
  talk.header_bytes = 0;
  ++counts_.responses;
}

void Services::respond(Turn& turn) {
  write_pattern(turn);
  while (turn.talk.owed == 0) {
    const Bytes data = turn.tcp.readable(turn.id);
    if (data.empty()) break;
    Bytes rest = data;
    while (!rest.empty() && turn.talk.owed == 0) take_request(turn, rest);
    consume(turn, data.size() - rest.size());
    write_pattern(turn);
  }
  if (turn.talk.peer_done && turn.talk.owed == 0) close(turn);
}

void Services::digest(Turn& turn) {
  for (Bytes data = turn.tcp.readable(turn.id); !data.empty(); data = turn.tcp.readable(turn.id)) {
    turn.talk.crc = crc32(turn.talk.crc, data);
    consume(turn, data.size());
  }
  if (!turn.talk.peer_done || turn.talk.closed) return;
  std::array<char, 40> line;
  const int length = std::snprintf(line.data(), line.size(), "%08x %llu\n", turn.talk.crc,
                                   static_cast<unsigned long long>(turn.talk.in));
  counts_.bytes_out += turn.tcp.write(
      turn.id, {reinterpret_cast<const std::uint8_t*>(line.data()), static_cast<std::size_t>(length)},
      turn.now);
  close(turn);
}

void Services::source(Turn& turn) {
  Talk& talk = turn.talk;
  for (Bytes data = turn.tcp.readable(turn.id); !data.empty(); data = turn.tcp.readable(turn.id)) {
    for (const auto byte : data) {
      if (talk.header_bytes != 0) break;  // the number is complete
      if (byte >= '0' && byte <= '9') talk.owed = talk.owed * 10 + (byte - '0');
      if (byte == '\n') talk.header_bytes = 1;
    }
    consume(turn, data.size());
  }
  if (talk.header_bytes == 0) {
    if (talk.peer_done) close(turn);
    return;
  }
  write_pattern(turn);
  if (talk.owed == 0) close(turn);
}

}  // namespace postern::tcp_host
