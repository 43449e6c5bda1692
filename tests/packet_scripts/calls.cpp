// Socket calls and questions, one row each.
#include <algorithm>
#include <functional>
#include <map>

#include "tests/packet_scripts/player.hpp"

namespace postern::tcp::scripts {

namespace {

using Arguments = std::vector<std::string>;

std::int64_t number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 10)
    throw Fault{0, "not a number: " + text};
  return std::stoll(text);
}

std::string in_milliseconds(Duration time) {
  return std::to_string(time / 1ms) + "ms";
}

const ConnectionFacts facts_of(Player& p, const std::string& fd) {
  const auto facts = p.engine.facts(p.handle(fd).id);
  if (!facts) throw Fault{0, "the connection is gone"};
  return *facts;
}

std::string listen(Player& p, const Arguments& a) {
  for (const auto& [fd, port] : p.listeners) {
    if (std::to_string(fd) != a[0]) continue;
    p.engine.listen(port);
    return "0";
  }
  p.listeners.emplace_back(static_cast<int>(number(a[0])), std::uint16_t{25});
  p.engine.listen(25);
  return "0";
}

// bind(3, 26): without it, or with `...`, the port is 25.
std::string bind(Player& p, const Arguments& a) {
  p.listeners.emplace_back(static_cast<int>(number(a[0])),
                           a[1] == "..." ? std::uint16_t{25} : static_cast<std::uint16_t>(number(a[1])));
  return "0";
}

// The connection that opened first and was not accepted yet; its descriptor is the next free one.
std::string accept(Player& p, const Arguments&) {
  int next = 4;
  for (const Handle& h : p.handles) next = std::max(next, h.fd + 1);
  for (Handle& h : p.handles) {
    if (h.fd >= 0) continue;
    h.fd = next;
    return std::to_string(next);
  }
  return "-1 EAGAIN";
}

std::string connect(Player& p, const Arguments& a) {
  Peer& peer = p.peers[p.peer];
  const auto made = p.engine.connect(peer.engine.address, peer.peer, p.now);
  if (!made) return "-1 EADDRNOTAVAIL";
  peer.engine.port = p.engine.flow(*made).local.port;
  p.handles.push_back({static_cast<int>(number(a[0])), *made});
  return "0";
}

std::string write(Player& p, const Arguments& a) {
  Handle& h = p.handle(a[0]);
  if (h.closed_here) return "-1 EPIPE";
  if (h.was_reset) return "-1 ECONNRESET";
  if (h.timed_out) return "-1 ETIMEDOUT";
  std::vector<std::uint8_t> data(static_cast<std::size_t>(number(a.back())));
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = engine_byte(1 + h.written + static_cast<std::int64_t>(i));
  const std::size_t done = p.engine.write(h.id, data, p.now);
  h.written += static_cast<std::int64_t>(done);
  return done == 0 && !data.empty() ? "-1 EAGAIN" : std::to_string(done);
}

std::string read(Player& p, const Arguments& a) {
  Handle& h = p.handle(a[0]);
  std::size_t left = static_cast<std::size_t>(number(a.back()));
  std::size_t total = 0;
  for (Bytes bytes = p.engine.readable(h.id); left > 0 && !bytes.empty(); bytes = p.engine.readable(h.id)) {
    bytes = bytes.first(std::min(left, bytes.size()));
    for (const std::uint8_t byte : bytes) {
      if (byte != peer_byte(h.first + h.read)) throw Fault{0, "a wrong byte was read"};
      ++h.read;
    }
    total += bytes.size();
    left -= bytes.size();
    p.engine.consume(h.id, bytes.size(), p.now);
  }
  if (total > 0) return std::to_string(total);
  if (h.was_reset) return "-1 ECONNRESET";
  if (h.timed_out) return "-1 ETIMEDOUT";
  return h.ended_by_peer ? "0" : "-1 EAGAIN";
}

// close() and shutdown(SHUT_WR) are one to the engine: FIN after what is queued, data may still be read.
std::string close(Player& p, const Arguments& a) {
  for (const auto& [fd, port] : p.listeners) {
    if (std::to_string(fd) != a[0]) continue;
    p.engine.stop_listening(port);
    return "0";
  }
  Handle& h = p.handle(a[0]);
  p.engine.close(h.id, p.now);
  h.closed_here = true;
  return "0";
}

std::string abort(Player& p, const Arguments& a) {
  Handle& h = p.handle(a[0]);
  p.engine.abort(h.id, p.now);
  h.closed_here = true;
  return "0";
}

std::string events(Player& p, const Arguments& a) {
  Handle& h = p.handle(a[0]);
  const std::string text = h.events.empty() ? "none" : h.events;
  h.events.clear();
  return text;
}

std::string state(Player& p, const Arguments& a) {
  const auto facts = p.engine.facts(p.handle(a[0]).id);
  return facts ? std::string{facts->state} : "CLOSED";
}

std::string counter(Player& p, const Arguments& a) {
  for (std::size_t i = 0; i < Counters::names.size(); ++i) {
    if (Counters::names[i].name == a[0]) return std::to_string(counter_values(p.counters)[i]);
  }
  throw Fault{0, "no such counter: " + a[0]};
}

// peer(198.51.100.8, 40001) or peer(198.51.100.8, 40001, 26): from here on the script speaks for this one.
std::string peer(Player& p, const Arguments& a) {
  const auto address = wire::IpAddress::parse(a[0]);
  if (!address || address->is_v4() == p.world.ipv6) throw Fault{0, "not an address of this script's family"};
  const wire::Endpoint engine{p.peers[0].engine.address,
                              static_cast<std::uint16_t>(a.size() > 2 ? number(a[2]) : 25)};
  const wire::Endpoint remote{*address, static_cast<std::uint16_t>(number(a[1]))};
  for (p.peer = 0; p.peer < p.peers.size(); ++p.peer) {
    if (p.peers[p.peer].is(engine, remote)) return "0";
  }
  p.peers.push_back({engine, remote});
  return "0";
}

struct Row {
  std::size_t arguments;  // at least
  bool only_asks;
  std::function<std::string(Player&, const Arguments&)> run;
};

const std::map<std::string, Row> kCalls = {
    {"socket", {0, false, [](Player&, const Arguments&) { return std::string{"3"}; }}},
    {"bind", {2, false, bind}},
    {"listen", {1, false, listen}},
    {"accept", {1, false, accept}},
    {"connect", {1, false, connect}},
    {"write", {2, false, write}},
    {"send", {2, false, write}},
    {"read", {2, true, read}},
    {"recv", {2, true, read}},
    {"close", {1, false, close}},
    {"shutdown", {2, false, close}},
    {"abort", {1, false, abort}},
    {"peer", {2, true, peer}},
    {"events", {1, true, events}},
    {"state", {1, true, state}},
    {"counter", {1, true, counter}},
    {"cwnd",
     {1, true,
      [](Player& p, const Arguments& a) { return std::to_string(facts_of(p, a[0]).congestion_window); }}},
    {"mss", {1, true, [](Player& p, const Arguments& a) { return std::to_string(facts_of(p, a[0]).mss); }}},
    {"srtt",
     {1, true,
      [](Player& p, const Arguments& a) { return in_milliseconds(facts_of(p, a[0]).smoothed_rtt); }}},
    {"retransmits",
     {1, true,
      [](Player& p, const Arguments& a) {
        return std::to_string(facts_of(p, a[0]).retransmitted_segments);
      }}},
    {"unread",
     {1, true,
      [](Player& p, const Arguments& a) { return std::to_string(facts_of(p, a[0]).receive_queue); }}},
    {"unacknowledged",
     {1, true,
      [](Player& p, const Arguments& a) {
        return std::to_string(p.engine.unacknowledged(p.handle(a[0]).id));
      }}},
    {"write_room",
     {1, true,
      [](Player& p, const Arguments& a) { return std::to_string(p.engine.write_room(p.handle(a[0]).id)); }}},
    {"forget", {0, false, [](Player& p, const Arguments&) { return std::to_string(p.forget()); }}},
    {"connections",
     {0, false, [](Player& p, const Arguments&) { return std::to_string(p.engine.connections()); }}},
    {"half_open",
     {0, false, [](Player& p, const Arguments&) { return std::to_string(p.engine.memory().half_open); }}},
    {"chunks",
     {0, false, [](Player& p, const Arguments&) { return std::to_string(p.engine.memory().chunks); }}},
};

bool same_option(const Option& wanted, const Option& came, Duration tolerance) {
  if (wanted.kind != came.kind) return false;
  if (wanted.kind == Option::Kind::timestamps) {
    const std::int64_t off = std::int64_t{wanted.value} - came.value;
    return (wanted.any_value || std::abs(off) <= tolerance / 1ms) &&
           (wanted.any_echo || wanted.echo == came.echo);
  }
  return wanted.value == came.value && wanted.blocks == came.blocks;
}

// In any order; padding does not count.
bool same_options(const std::vector<Option>& wanted, const std::vector<Option>& came, Duration tolerance) {
  std::size_t counted = 0;
  for (const Option& option : wanted) {
    if (option.kind == Option::Kind::nop || option.kind == Option::Kind::eol) continue;
    ++counted;
    const auto like = [&](const Option& other) { return same_option(option, other, tolerance); };
    if (std::none_of(came.begin(), came.end(), like)) return false;
  }
  return counted == came.size();
}

}  // namespace

std::string answer(Player& player, const Call& call) {
  const auto row = kCalls.find(call.name);
  if (row == kCalls.end()) throw Fault{0, "no such call: " + call.name};
  if (call.arguments.size() < row->second.arguments) throw Fault{0, call.name + "() needs more arguments"};
  const std::string came = row->second.run(player, call.arguments);
  // Ours never wait: what packetdrill knows as a connect() on its way is one that was begun.
  return came == "0" && call.result == "-1 EINPROGRESS" ? call.result : came;
}

bool only_asks(const std::string& name) {
  const auto row = kCalls.find(name);
  return row != kCalls.end() && row->second.only_asks;
}

bool matches(const Segment& wanted, const Segment& came, Duration tolerance) {
  return wanted.flags == came.flags && wanted.start == came.start && wanted.length == came.length &&
         wanted.ack == came.ack && (!wanted.window || wanted.window == came.window) &&
         (!wanted.urgent || wanted.urgent == came.urgent) && (!wanted.ecn || wanted.ecn == came.ecn) &&
         (wanted.any_options || same_options(wanted.options, came.options, tolerance));
}

}  // namespace postern::tcp::scripts
