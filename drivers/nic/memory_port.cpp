// Buffers change hands by pointer; the rings are long enough for every buffer of both sides.
#include "drivers/nic/memory_port.hpp"

#include <algorithm>
#include <utility>

namespace postern::nic {

// Largest frame: MTU 9000 is for jumbo tests; bytes behind the frame's start, after the headroom.
struct alignas(64) MemoryPort::Buffer {
  MemoryPort* home = nullptr;
  std::uint16_t offset = 0;
  std::uint16_t length = 0;
  ChecksumState checksum = ChecksumState::unknown;
  std::uint8_t* bytes = nullptr;
};

namespace {

constexpr std::size_t kLinkHeader = 18;  // Ethernet with a VLAN tag

std::size_t room_of(const MemoryPortSettings& settings) {
  return (kFrameHeadroom + kLinkHeader + settings.mtu + 63) / 64 * 64;
}

}  // namespace

MemoryPort::MemoryPort(std::string name, std::array<std::uint8_t, 6> mac, const MemoryPortSettings& settings)
    : settings_(settings), incoming_(2 * kMostMemoryBuffers), returned_(kMostMemoryBuffers) {
  facts_.name = std::move(name);
  facts_.mac = mac;
  facts_.mtu = settings.mtu;
  facts_.receive_checksum = settings.receive_checksum;
  facts_.transmit_checksum = settings.transmit_checksum;
  const auto count = std::min<std::size_t>(settings.buffers, kMostMemoryBuffers);
  storage_.resize(count * room_of(settings) + 64);
  auto* first = storage_.data() + (64 - reinterpret_cast<std::uintptr_t>(storage_.data()) % 64) % 64;
  buffers_ = std::make_unique<Buffer[]>(count);
  free_.reserve(count);
  for (std::size_t i = count; i-- > 0;) {
    buffers_[i].home = this;
    buffers_[i].bytes = first + i * room_of(settings);
    free_.push_back(&buffers_[i]);
  }
}

MemoryPort::~MemoryPort() = default;

Frame MemoryPort::frame_of(Buffer* buffer) const {
  Frame frame;
  frame.data = buffer->bytes + buffer->offset;
  frame.length = buffer->length;
  frame.capacity = static_cast<std::uint16_t>(room_of(settings_) - buffer->offset);
  frame.checksum = buffer->checksum;
  frame.owner = buffer;
  return frame;
}

std::size_t MemoryPort::receive(std::span<Frame> into, Instant) {
  // Every poll, so that the buffers used next are the ones still in the cache.
  take_returned();
  std::array<Buffer*, kBurst> buffers;
  const auto count = incoming_.pop(std::span(buffers).first(std::min(into.size(), kBurst)));
  for (std::size_t i = 0; i < count; ++i) {
    into[i] = frame_of(buffers[i]);
    counters_.bytes_received += buffers[i]->length;
  }
  counters_.frames_received += count;
  return count;
}

// Buffers of the other side go home through its ring, which has room for every buffer there is.
void MemoryPort::release(std::span<Frame> frames) {
  std::array<Buffer*, kBurst> foreign;
  std::size_t count = 0;
  for (auto& frame : frames) {
    auto* buffer = static_cast<Buffer*>(frame.owner);
    frame = Frame{};
    if (buffer->home == this) {
      free_.push_back(buffer);
      continue;
    }
    foreign[count++] = buffer;
    if (count == foreign.size()) other_->returned_.push(std::span(foreign).first(std::exchange(count, 0)));
  }
  if (count != 0) other_->returned_.push(std::span(foreign).first(count));
}

void MemoryPort::take_returned() {
  std::array<Buffer*, kBurst> buffers;
  while (const auto count = returned_.pop(buffers))
    free_.insert(free_.end(), buffers.begin(), buffers.begin() + count);
}

bool MemoryPort::allocate(Frame& frame) {
  if (free_.empty()) take_returned();
  if (free_.empty()) {
    ++counters_.no_buffer;
    return false;
  }
  auto* buffer = free_.back();
  free_.pop_back();
  buffer->offset = kFrameHeadroom;
  buffer->length = 0;
  buffer->checksum = ChecksumState::unknown;
  frame = frame_of(buffer);
  return true;
}

void MemoryPort::discard(Frame& frame) {
  release({&frame, 1});
}

void MemoryPort::transmit(std::span<Frame> frames, Instant) {
  while (!frames.empty()) {
    const auto burst = frames.first(std::min(frames.size(), kBurst));
    frames = frames.subspan(burst.size());
    transmit_burst(burst);
  }
}

void MemoryPort::transmit_burst(std::span<Frame> frames) {
  std::array<Buffer*, kBurst> buffers;
  for (std::size_t i = 0; i < frames.size(); ++i) buffers[i] = sealed(frames[i]);
  const auto sent = link_up_ ? other_->incoming_.push(std::span(buffers).first(frames.size())) : 0;
  for (const auto& frame : frames.first(sent)) counters_.bytes_sent += frame.length;
  counters_.frames_sent += sent;
  counters_.transmit_full += frames.size() - sent;
  release(frames.subspan(sent));
  std::ranges::fill(frames, Frame{});
}

// The buffer of a finished frame, with what the other side has to know about it.
MemoryPort::Buffer* MemoryPort::sealed(const Frame& frame) const {
  auto* buffer = static_cast<Buffer*>(frame.owner);
  buffer->offset = static_cast<std::uint16_t>(frame.data - buffer->bytes);
  buffer->length = frame.length;
  const bool verified = frame.checksum == ChecksumState::transport || other_->settings_.receive_checksum;
  buffer->checksum = verified ? ChecksumState::good : ChecksumState::unknown;
  return buffer;
}

// Locally administered addresses (IEEE 802 §8.2).
MemoryWire::MemoryWire(const MemoryPortSettings& settings)
    : a_("memory-a", {0x02, 0, 0, 0, 0, 0x0a}, settings), b_("memory-b", {0x02, 0, 0, 0, 0, 0x0b}, settings) {
  a_.other_ = &b_;
  b_.other_ = &a_;
}

}  // namespace postern::nic
