// Frames on their way through the two fault lines.
#include "drivers/nic/fault_port.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace postern::nic {
namespace {

constexpr std::size_t kLinkHeader = 22;  // Ethernet with two VLAN tags

}  // namespace

FaultPort::FaultPort(Port& inner, const FaultSettings& settings)
    : inner_(inner),
      sent_(settings.sent, settings.seed, settings.slots, inner.facts().mtu + kLinkHeader),
      received_(settings.received, ~settings.seed, settings.slots, inner.facts().mtu + kLinkHeader) {}

Instant FaultPort::next_deadline() const {
  return std::min({sent_.next_deadline(), received_.next_deadline(), inner_.next_deadline()});
}

std::size_t FaultPort::receive(std::span<Frame> into, Instant now) {
  send_due(now);
  if (received_.does_nothing()) return inner_.receive(into, now);
  std::array<Frame, kBurst> burst;
  const auto count = inner_.receive(burst, now);
  for (std::size_t i = 0; i < count; ++i) received_.put(burst[i], now);
  inner_.release(std::span(burst).first(count));
  return deliver_due(into, now);
}

std::size_t FaultPort::deliver_due(std::span<Frame> into, Instant now) {
  const auto most = std::min(into.size(), kBurst);
  std::size_t count = 0;
  while (count < most) {
    auto* held = received_.take(now);
    if (held == nullptr) break;
    Frame frame;
    frame.data = held->bytes + kFrameHeadroom;
    frame.length = held->length;
    frame.capacity = static_cast<std::uint16_t>(received_.room() - kFrameHeadroom);
    frame.checksum = held->checksum;
    frame.owner = held;
    into[count++] = frame;
  }
  return count;
}

void FaultPort::release(std::span<Frame> frames) {
  if (received_.does_nothing()) return inner_.release(frames);
  for (auto& frame : frames) discard(frame);
}

void FaultPort::discard(Frame& frame) {
  if (!received_.owns(frame.owner)) return inner_.discard(frame);
  received_.free(static_cast<FaultLine::Held*>(frame.owner));
  frame = Frame{};
}

// A frame held here goes out by way of a buffer of the inner port.
void FaultPort::send_copy(Bytes bytes, Instant now) {
  Frame frame;
  if (!inner_.allocate(frame)) {
    ++sent_.counters().overflow;
    return;
  }
  frame.length = static_cast<std::uint16_t>(std::min<std::size_t>(bytes.size(), frame.capacity));
  std::memcpy(frame.data, bytes.data(), frame.length);
  inner_.transmit({&frame, 1}, now);
}

void FaultPort::transmit(std::span<Frame> frames, Instant now) {
  if (sent_.does_nothing() && received_.does_nothing()) return inner_.transmit(frames, now);
  for (auto& frame : frames) {
    if (!sent_.does_nothing()) {
      sent_.put(frame, now);
      discard(frame);
    } else if (received_.owns(frame.owner)) {
      send_copy(frame.bytes(), now);
      discard(frame);
    } else {
      inner_.transmit({&frame, 1}, now);
    }
  }
  send_due(now);
}

void FaultPort::send_due(Instant now) {
  while (auto* held = sent_.take(now)) {
    send_copy({held->bytes + kFrameHeadroom, held->length}, now);
    sent_.free(held);
  }
}

}  // namespace postern::nic
