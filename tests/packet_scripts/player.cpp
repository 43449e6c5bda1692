#include "tests/packet_scripts/player.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "firmware/wire/tcp.hpp"

namespace postern::tcp::scripts {

namespace {

constexpr Duration kLongest = 100h;      // how long `*` waits
constexpr std::size_t kMostSent = 2000;  // segments no line has asked for yet

bool agrees(const Call& call, const std::string& came) {
  if (call.relation == '=') return came == call.result;
  const auto left = std::strtoll(came.c_str(), nullptr, 10);
  const auto right = std::strtoll(call.result.c_str(), nullptr, 10);
  return call.relation == '<' ? left < right : left > right;
}

wire::IpAddress address(const char* text) {
  return *wire::IpAddress::parse(text);
}

}  // namespace

Player::Player(const Script& script, std::ostream* trace)
    : world(world_of(script)), engine(world.settings, counters), script_(script), trace_(trace) {
  const bool v6 = world.ipv6;
  peers.push_back({{address(v6 ? "2001:db8::1" : "192.0.2.1"), 25},
                   {address(v6 ? "2001:db8:1::7" : "198.51.100.7"), 40000}});
}

void Player::note(Instant at, const std::string& text) {
  if (trace_ != nullptr) *trace_ << print(at - kStart) << "  " << text << '\n';
}

void Player::play() {
  for (const Event& event : script_.events) {
    try {
      play(event);
    } catch (const Fault& fault) {
      throw Fault{fault.line != 0 ? fault.line : event.line, fault.text};
    }
  }
  expect_nothing_left(script_.events.back().line, "at the end of the script");
}

void Player::play(const Event& event) {
  if (const auto* const segment = std::get_if<Segment>(&event.what);
      segment != nullptr && !segment->to_engine)
    return expect(event, *segment);
  script_time_ = event.when.relative ? script_time_ + event.when.from : kStart + event.when.from;
  if (script_time_ < now) throw Fault{event.line, "that time is over already"};
  const auto* const call = std::get_if<Call>(&event.what);
  if (call == nullptr || !only_asks(call->name)) take_events(true);
  run_until(script_time_, false);
  if (std::holds_alternative<Silence>(event.what)) return expect_nothing_left(event.line, "by now");
  note(now, event.text);
  if (call != nullptr) {
    const std::string came = answer(*this, *call);
    if (!call->result.empty() && !agrees(*call, came)) {
      throw Fault{event.line, "expected " + call->name + " " + call->relation + " " + call->result +
                                  "\n  came     " + call->name + " = " + came};
    }
  } else if (const auto* const icmp = std::get_if<Icmp>(&event.what)) {
    inject(*icmp);
  } else {
    inject(std::get<Segment>(event.what));
  }
  drain();
}

// Runs timers as they are due; leaves early where only the next segment is waited for.
void Player::run_until(Instant end, bool stop_when_sent) {
  drain();
  while (engine.next_deadline() <= end && !(stop_when_sent && !sent_.empty())) {
    now = std::max(now, engine.next_deadline());
    engine.advance(now);
    drain();
  }
  if (!stop_when_sent || sent_.empty()) now = std::max(now, end == kNever ? now : end);
}

std::size_t Player::peer_of(const OutgoingSegment& out, Bytes bytes) {
  const wire::Endpoint local{out.source, load_be16(bytes.data())};
  const wire::Endpoint remote{out.destination, load_be16(bytes.data() + 2)};
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (peers[i].is(local, remote)) return i;
  }
  throw Fault{0, "the engine sent to " + out.destination.text() + ", whom the script does not know"};
}

// Takes everything that wants to leave now.
void Player::drain() {
  std::array<std::uint8_t, 9300> room;
  OutgoingSegment out;
  while (engine.emit(MutableBytes{room}.first(std::size_t{world.settings.mtu}), out, now)) {
    const Bytes bytes{room.data(), out.length};
    const std::size_t to = peer_of(out, bytes);
    sent_.push_back({now, to, decode(out, bytes, peers[to])});
    note(now, print(sent_.back().segment) + (to == peer ? "" : "   (to another peer)"));
    if (sent_.size() > kMostSent) throw Fault{0, "the engine does not stop sending"};
  }
  take_events(false);
}

void Player::inject(const Segment& segment) {
  Peer& from = peers[peer];
  const std::vector<std::uint8_t> bytes = encode(segment, from);
  if ((segment.flags & wire::kTcpSyn) != 0) from.last_syn = segment.start;
  SegmentInfo info{from.peer.address, from.engine.address};
  info.ecn = segment.ecn.value_or(0);
  engine.accept_segment(info, bytes, now);
  engine.settle();  // the vector goes away
}

void Player::inject(const Icmp& icmp) {
  constexpr std::array kKinds = {IcmpError::Kind::unreachable_soft, IcmpError::Kind::unreachable_hard,
                                 IcmpError::Kind::packet_too_big};
  const Peer& from = peers[peer];
  engine.accept_icmp({{from.engine, from.peer},
                      kKinds[static_cast<std::size_t>(icmp.kind)],
                      static_cast<std::uint32_t>(icmp.quoted) + from.engine_first,
                      icmp.mtu},
                     now);
}

void Player::expect(const Event& event, const Segment& wanted) {
  const Instant base = event.when.relative ? script_time_ : kStart;
  const Instant first = event.when.any ? kStart : base + event.when.from - world.tolerance;
  const Instant last = event.when.any ? now + kLongest : base + event.when.to + world.tolerance;
  if (sent_.empty()) {
    take_events(true);
    run_until(last, true);
  }
  const std::string asked = "expected " + print(wanted) + "\n  came     ";
  if (sent_.empty()) throw Fault{event.line, asked + "nothing until " + print(last - kStart)};
  const Sent came = sent_.front();
  sent_.pop_front();
  if (came.peer != peer || !matches(wanted, came.segment, world.tolerance)) {
    throw Fault{event.line, asked + print(came.segment) + "\n  at " + print(came.at - kStart) +
                                (came.peer == peer ? "" : ", to another peer")};
  }
  if (came.at < first || came.at > last) {
    throw Fault{event.line, asked + "at " + print(came.at - kStart) + ", not between " +
                                print(first - kStart) + " and " + print(last - kStart)};
  }
  const bool exact = !event.when.any && event.when.from == event.when.to;
  script_time_ = std::max(now, exact ? base + event.when.from : came.at);
}

void Player::expect_nothing_left(int line, const std::string& where) {
  if (sent_.empty()) return;
  throw Fault{line, "expected nothing more " + where + "\n  came     " + print(sent_.front().segment) +
                        "\n  at " + print(sent_.front().at - kStart)};
}

std::size_t Player::forget() {
  const std::size_t count = sent_.size();
  sent_.clear();
  return count;
}

void Player::take_events(bool clear) {
  static constexpr const char* kNames[] = {"opened",      "connected", "readable",  "writable",
                                           "peer_closed", "reset",     "timed_out", "closed"};
  const auto waiting = engine.events();
  for (; seen_ < waiting.size(); ++seen_) {
    const tcp::Event& event = waiting[seen_];
    auto at = std::find_if(handles.begin(), handles.end(), [&](const Handle& h) { return h.id == event.id; });
    if (at == handles.end()) {
      handles.push_back({-1, event.id});
      const wire::Flow flow = engine.flow(event.id);
      for (const Peer& p : peers) {
        if (p.is(flow.local, flow.remote)) handles.back().first = p.last_syn + 1;
      }
      at = handles.end() - 1;
    }
    const std::string name = kNames[static_cast<std::size_t>(event.kind)];
    const std::string last = at->events.substr(at->events.rfind(' ') + 1);
    if (last != name) at->events += (at->events.empty() ? "" : " ") + name;  // told twice: once
    at->ended_by_peer |= event.kind == EventKind::peer_closed;
    at->was_reset |= event.kind == EventKind::reset;
    at->timed_out |= event.kind == EventKind::timed_out;
  }
  if (!clear) return;
  engine.clear_events();
  seen_ = 0;
}

Handle& Player::handle(const std::string& fd) {
  for (Handle& h : handles) {
    if (h.fd >= 0 && std::to_string(h.fd) == fd) return h;
  }
  throw Fault{0, "no connection has the file descriptor " + fd};
}

}  // namespace postern::tcp::scripts
