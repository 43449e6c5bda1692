// Stacks in memory: a sink that keeps what was sent, hosts made of a stack and one, and frames made by hand.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "firmware/net/stack.hpp"
#include "firmware/wire/arp.hpp"
#include "firmware/wire/ethernet.hpp"
#include "firmware/wire/icmp.hpp"
#include "firmware/wire/ipv4.hpp"
#include "firmware/wire/ipv6.hpp"
#include "firmware/wire/nd.hpp"

namespace postern::net::test {

using Octets = std::vector<std::uint8_t>;

inline wire::IpAddress ip(std::string_view text) {
  return *wire::IpAddress::parse(text);
}
inline wire::Prefix prefix(std::string_view text) {
  return *wire::Prefix::parse(text);
}
inline wire::MacAddress mac(std::uint8_t last) {
  return {{0x02, 0, 0, 0, 0, last}};
}
inline Instant at(Duration since) {
  return Instant(std::chrono::seconds(1000) + since);
}

struct SentFrame {
  PortIndex port = 0;
  Octets bytes;
  ChecksumState checksum = ChecksumState::unknown;
  std::uint8_t l3_offset = 0;
  std::uint8_t l4_offset = 0;
};

// Frames of 2048 bytes; counts what is out, so that a test can tell whether every frame was given back once.
class MemorySink final : public FrameSink {
 public:
  std::deque<SentFrame> sent;
  int outstanding = 0;
  bool has_room = true;

  bool allocate(PortIndex, Frame& frame) override {
    if (!has_room) return false;
    auto* buffer = new Octets(2048 + kFrameHeadroom);
    frame = Frame{};
    frame.owner = buffer;
    frame.data = buffer->data() + kFrameHeadroom;
    frame.capacity = 2048;
    ++outstanding;
    return true;
  }
  void send(PortIndex port, Frame& frame) override {
    sent.push_back(
        {port, {frame.data, frame.data + frame.length}, frame.checksum, frame.l3_offset, frame.l4_offset});
    discard(port, frame);
  }
  void discard(PortIndex, Frame& frame) override {
    delete static_cast<Octets*>(frame.owner);
    frame.owner = nullptr;
    --outstanding;
  }
  SentFrame take() {
    if (sent.empty()) return {};
    SentFrame frame = sent.front();
    sent.pop_front();
    return frame;
  }
};

struct Host {
  Counters counters;
  Stack stack;
  MemorySink sink;
  std::vector<Octets> segments;
  Arrival last;

  explicit Host(const Settings& settings) : stack(settings, counters) {}

  Arrival receive(Octets bytes, Instant now, PortIndex port = 0,
                  ChecksumState checksum = ChecksumState::unknown) {
    Frame frame;
    frame.data = bytes.data();
    frame.length = frame.capacity = static_cast<std::uint16_t>(bytes.size());
    frame.checksum = checksum;
    last = stack.accept(port, frame, now);
    if (last.kind == Arrival::Kind::segment) segments.emplace_back(last.payload.begin(), last.payload.end());
    last.payload = {};
    return last;
  }
  // Sends `payload` as TCP; true where there was a route.
  bool send(const wire::IpAddress& destination, const Octets& payload, Instant now,
            ChecksumState checksum = ChecksumState::unknown) {
    const auto route = stack.route(destination);
    Frame frame;
    if (!route || !sink.allocate(route->port, frame)) return false;
    std::memcpy(frame.data + Stack::kTransportOffset, payload.data(), payload.size());
    frame.checksum = checksum;
    stack.send(sink, route->port, frame, route->source, destination, wire::protocol::kTcp,
               static_cast<std::uint16_t>(payload.size()), 0, now);
    return true;
  }
  // What leaves after time-outs and answers.
  void poll(Instant now) {
    stack.advance(now);
    stack.drain(sink, now);
  }
  SentFrame answer(Instant now) {
    stack.drain(sink, now);
    return sink.take();
  }
};

// Carries frames between two hosts until neither has more to say.
inline void exchange(Host& a, Host& b, Instant now) {
  for (int rounds = 0; rounds < 100; ++rounds) {
    a.stack.drain(a.sink, now);
    b.stack.drain(b.sink, now);
    if (a.sink.sent.empty() && b.sink.sent.empty()) return;
    while (!a.sink.sent.empty()) b.receive(a.sink.take().bytes, now);
    while (!b.sink.sent.empty()) a.receive(b.sink.take().bytes, now);
  }
}

inline Settings settings(std::uint8_t last, std::initializer_list<std::string_view> addresses) {
  Settings made;
  Interface interface;
  interface.mac = mac(last);
  for (const auto address : addresses) interface.addresses.push_back(prefix(address));
  made.interfaces.push_back(interface);
  made.duplicate_address_detection = false;
  return made;
}

// Past its announcements, with nothing left to say.
inline void settle(Host& host) {
  for (int i = 0; i < 4; ++i) host.poll(at(std::chrono::seconds(i * 2 - 10)));
  host.sink.sent.clear();
}

struct Envelope {
  wire::MacAddress to = mac(1);
  wire::MacAddress from = mac(9);
  wire::IpAddress source;
  wire::IpAddress destination;
};

// Ethernet and IPv4 in front of `payload`.
inline Octets ipv4_frame(const Envelope& envelope, std::uint8_t protocol, const Octets& payload) {
  Octets bytes(34 + payload.size());
  wire::EthernetHeader{envelope.to, envelope.from, wire::EtherType::ipv4}.write(bytes.data());
  wire::Ipv4Header{.source = envelope.source,
                   .destination = envelope.destination,
                   .protocol = protocol,
                   .payload_length = static_cast<std::uint16_t>(payload.size())}
      .write(&bytes[14]);
  std::copy(payload.begin(), payload.end(), bytes.begin() + 34);
  return bytes;
}

// After a change to its IPv4 header.
inline Octets with_header_checksum(Octets frame) {
  const std::size_t header = (frame[14] & 15) * std::size_t{4};
  store_be16(&frame[24], 0);
  store_be16(&frame[24], wire::checksum_finish(wire::checksum_add(0, Bytes(frame).subspan(14, header))));
  return frame;
}

inline Octets ipv6_frame(const Envelope& envelope, std::uint8_t next_header, const Octets& payload,
                         std::uint8_t hop_limit = 64) {
  Octets bytes(54 + payload.size());
  wire::EthernetHeader{envelope.to, envelope.from, wire::EtherType::ipv6}.write(bytes.data());
  wire::Ipv6Header{.source = envelope.source,
                   .destination = envelope.destination,
                   .next_header = next_header,
                   .hop_limit = hop_limit,
                   .payload_length = static_cast<std::uint16_t>(payload.size())}
      .write(&bytes[14]);
  std::copy(payload.begin(), payload.end(), bytes.begin() + 54);
  return bytes;
}

inline Octets icmp(std::uint8_t type, std::uint8_t code, std::uint32_t rest, const Octets& body,
                   std::uint32_t pseudo = 0) {
  Octets message(8 + body.size());
  wire::IcmpHeader{type, code, rest}.write(message.data());
  std::copy(body.begin(), body.end(), message.begin() + 8);
  wire::fill_icmp_checksum(message, pseudo);
  return message;
}

inline Octets icmpv6_frame(const Envelope& envelope, Octets message, std::uint8_t hop_limit = 255) {
  store_be16(&message[2], 0);
  wire::fill_icmp_checksum(message, wire::pseudo_header_sum(envelope.source, envelope.destination, 58,
                                                            static_cast<std::uint32_t>(message.size())));
  return ipv6_frame(envelope, wire::protocol::kIcmpv6, message, hop_limit);
}

inline Octets arp_frame(const wire::MacAddress& to, const wire::Arp& arp) {
  Octets bytes(42);
  wire::EthernetHeader{to, arp.sender_mac, wire::EtherType::arp}.write(bytes.data());
  arp.write(&bytes[14]);
  return bytes;
}

inline Octets bytes_of(std::size_t size, std::uint8_t first = 0) {
  Octets bytes(size);
  for (auto& byte : bytes) byte = first++;
  return bytes;
}

}  // namespace postern::net::test
