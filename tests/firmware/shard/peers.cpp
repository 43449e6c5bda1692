// The shard's peers in the world: hosts with our own IP and TCP, the office on one of them, the stranger's
// dialogue.
#include <algorithm>

#include "tests/firmware/shard/world.hpp"

namespace postern::test {
namespace {

net::Settings host_settings(const std::vector<const char*>& prefixes, std::uint8_t last_of_mac) {
  net::Settings settings;
  settings.duplicate_address_detection = false;
  net::Interface interface { .mac = wire::MacAddress{{2, 0, 0, 0, 0, last_of_mac}}, .mtu = 1500 };
  for (const auto* prefix : prefixes) interface.addresses.push_back(*wire::Prefix::parse(prefix));
  settings.interfaces.push_back(interface);
  return settings;
}

}  // namespace

tcp::Settings small_tcp() {
  tcp::Settings settings;
  settings.connections = 64;
  settings.buffer_memory = 16u << 20;
  return settings;
}

bool over(tcp::EventKind kind) {
  return kind == tcp::EventKind::reset || kind == tcp::EventKind::timed_out || kind == tcp::EventKind::closed;
}

Buffers::Buffers() : memory_(kFrames * kBytes), waiting_(kFrames) {
  free_.reserve(kFrames);
  for (std::size_t i = 0; i < kFrames; ++i) free_.push_back(memory_.data() + i * kBytes);
}

bool Buffers::allocate(PortIndex, Frame& frame) {
  if (free_.empty()) return false;
  frame = Frame{};
  frame.owner = free_.back();
  frame.data = free_.back() + kFrameHeadroom;
  frame.capacity = kBytes - kFrameHeadroom;
  free_.pop_back();
  return true;
}

void Buffers::send(PortIndex port, Frame& frame) {
  waiting_[head_++ % kFrames] = {port, frame};
}

void Buffers::discard(PortIndex, Frame& frame) {
  free_.push_back(static_cast<std::uint8_t*>(frame.owner));
}

bool Buffers::take(Sent& sent) {
  if (tail_ == head_) return false;
  auto& next = waiting_[tail_++ % kFrames];
  sent = {next.port, {next.frame.data, next.frame.data + next.frame.length}};
  discard(next.port, next.frame);
  return true;
}

Host::Host(const char* prefix, const char*, std::uint8_t last)
    : Host(std::vector<const char*>{prefix}, last) {}

Host::Host(const std::vector<const char*>& prefixes, std::uint8_t last)
    : net(host_settings(prefixes, last), net_counters), tcp(small_tcp(), tcp_counters) {
  address = wire::Prefix::parse(prefixes.front())->address;
}

void Host::on_frame(const std::vector<std::uint8_t>& bytes, Now now) {
  std::vector<std::uint8_t> copy = bytes;
  Frame frame;
  frame.data = copy.data();
  frame.length = static_cast<std::uint16_t>(copy.size());
  frame.capacity = frame.length;
  const auto arrival = net.accept(0, frame, now.instant);
  if (arrival.kind != net::Arrival::Kind::segment) return;
  tcp.accept_segment(
      {.source = arrival.source, .destination = arrival.destination, .ecn = 0, .checksum_good = false},
      arrival.payload, now.instant);
  pump(now);
  tcp.settle();
}

void Host::pump(Now now) {
  for (int i = 0; i < 100 && !tcp.events().empty(); ++i) {
    const std::vector<tcp::Event> events(tcp.events().begin(), tcp.events().end());
    tcp.clear_events();
    for (const auto& event : events) {
      if (on_event) on_event(event, now);
    }
  }
}

void Host::advance(Now now) {
  net.advance(now.instant);
  tcp.advance(now.instant);
  pump(now);
  net.drain(out, now.instant);
  for (int i = 0; i < 1000; ++i) {
    Frame frame;
    out.allocate(0, frame);
    tcp::OutgoingSegment segment;
    MutableBytes room(frame.data + net::Stack::kTransportOffset,
                      frame.capacity - net::Stack::kTransportOffset);
    if (!tcp.emit(room, segment, now.instant)) {
      out.discard(0, frame);
      return;
    }
    net.send(out, 0, frame, segment.source, segment.destination, 6, segment.length, segment.ecn, now.instant);
  }
}

Instant Host::next_deadline() const {
  return std::min(net.next_deadline(), tcp.next_deadline());
}

Office::Office(Host& at) : host(at) {
  settings.host_name = "office.example";
  settings.served_domains = {"example.org", "stranger.example"};
  settings.offer_starttls = false;
  host.tcp.listen(25);
  host.on_event = [this](const tcp::Event& event, Now now) { on_event(event, now); };
}

void Office::on_event(const tcp::Event& event, Now now) {
  auto& session = sessions[event.id.slot];
  if (event.kind == tcp::EventKind::opened) {
    session = std::make_unique<smtp::Server>(settings, counters, smtp::Peer{}, now);
  }
  if (!session) return;
  if (over(event.kind)) {
    session.reset();
    return;
  }
  bool closing = event.kind == tcp::EventKind::peer_closed;
  for (int i = 0; i < 100000; ++i) {
    const Bytes input = host.tcp.readable(event.id);
    Bytes rest = input;
    const auto step = session->feed(rest, now);
    switch (step.kind) {
      case smtp::StepKind::check_recipient: {
        const auto who = session->recipient().text();
        const bool refused = std::find(unknown.begin(), unknown.end(), who) != unknown.end();
        session->recipient_checked(refused ? smtp::RecipientAnswer::unknown : smtp::RecipientAnswer::known);
        break;
      }
      case smtp::StepKind::begin_message:
        bodies[event.id.slot].clear();
        session->message_begun(smtp::StoreAnswer::stored);
        break;
      case smtp::StepKind::body:
        bodies[event.id.slot] += as_text(step.body);
        break;
      case smtp::StepKind::end_message:
        if (!refuse_messages) mails.push_back({session->envelope(), bodies[event.id.slot]});
        session->message_stored(refuse_messages ? smtp::StoreAnswer::failed : smtp::StoreAnswer::stored,
                                "office-1");
        break;
      case smtp::StepKind::close:
        closing = true;
        break;
      default:
        break;
    }
    host.tcp.consume(event.id, input.size() - rest.size(), now.instant);
    session->replies_sent(host.tcp.write(event.id, session->replies(), now.instant));
    if (step.kind == smtp::StepKind::close) break;
    if (step.kind == smtp::StepKind::need_input && (input.empty() || input.size() == rest.size())) break;
  }
  if (closing) {
    host.tcp.close(event.id, now.instant);
    session.reset();
  }
}

void Talker::go_on(Now now) {
  now_ = now.instant;
  if (!connected || !host_.tcp.alive(id)) return;
  if (tls_ && !secured) {
    for (auto status = tls::Status::again; status == tls::Status::again;) {
      const Bytes arrived = host_.tcp.readable(id);
      Bytes rest = arrived;
      status = tls_->handshake(rest, *this);
      host_.tcp.consume(id, arrived.size() - rest.size(), now_);
      secured = status == tls::Status::ok;
    }
    if (!secured) return;
  }
  read();
  write();
}

void Talker::read() {
  for (;;) {
    const Bytes arrived = host_.tcp.readable(id);
    if (!tls_) {
      heard += as_text(arrived);
      host_.tcp.consume(id, arrived.size(), now_);
      if (arrived.empty()) return;
      continue;
    }
    std::uint8_t plain[16384];
    std::size_t got = 0;
    Bytes rest = arrived;
    tls_->read(rest, *this, plain, got);
    host_.tcp.consume(id, arrived.size() - rest.size(), now_);
    heard += as_text({plain, got});
    if (got == 0 && rest.size() == arrived.size()) return;
  }
}

void Talker::write() {
  std::size_t sent = 0;
  Bytes nothing;
  if (!tls_) {
    sent = host_.tcp.write(id, as_bytes(unsent_), now_);
  } else if (!unsent_.empty()) {
    tls_->write(nothing, *this, as_bytes(unsent_), sent);
  }
  unsent_.erase(0, sent);
}

}  // namespace postern::test
