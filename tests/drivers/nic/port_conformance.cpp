// The checks. Frames are at least 60 bytes long, so that a device's padding does not show.
#include "tests/drivers/nic/port_conformance.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <CppUTest/TestHarness.h>

namespace postern::nic::test {
namespace {

constexpr Instant kStart{1s};

std::uint8_t byte_of(std::size_t index, unsigned seed) {
  return static_cast<std::uint8_t>(index * 7 + seed * 13);
}

void send_one(Port& port, std::size_t length, unsigned seed) {
  auto frame = make_frame(port, length, seed);
  port.transmit({&frame, 1}, kStart);
}

}  // namespace

Frame make_frame(Port& port, std::size_t length, unsigned seed) {
  Frame frame;
  CHECK_TRUE(port.allocate(frame));
  CHECK_TRUE(frame.capacity >= length);
  for (std::size_t i = 0; i < length; ++i) frame.data[i] = byte_of(i, seed);
  frame.length = static_cast<std::uint16_t>(length);
  return frame;
}

bool is_made_from(const Frame& frame, std::size_t length, unsigned seed) {
  if (frame.length != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (frame.data[i] != byte_of(i, seed)) return false;
  }
  return true;
}

std::size_t receive_all(Port& port, std::size_t wanted,
                        const std::function<void(const Frame&, std::size_t)>& each) {
  std::array<Frame, kBurst> burst;
  std::size_t count = 0;
  for (int quiet = 0; count < wanted && quiet < 1000; ++quiet) {
    const auto got = port.receive(burst, kStart);
    for (std::size_t i = 0; i < got; ++i) each(burst[i], count + i);
    port.release(std::span(burst).first(got));
    count += got;
    if (got != 0) quiet = 0;
  }
  return count;
}

void check_empty_frame(const Link& link) {
  Frame frame;
  CHECK_TRUE(link.sender.allocate(frame));
  CHECK_EQUAL(0, frame.length);
  CHECK_TRUE(frame.capacity >= link.sender.facts().mtu + 14);
  CHECK_TRUE(frame.checksum == ChecksumState::unknown);
  // The headroom belongs to the frame: writing there must be allowed (the sanitizer builds look).
  std::fill_n(frame.data - kFrameHeadroom, kFrameHeadroom, std::uint8_t{0xee});
  link.sender.discard(frame);
  CHECK_TRUE(frame.owner == nullptr);
}

void check_bytes_and_order(const Link& link) {
  const std::array<std::size_t, 5> lengths{60, 61, 590, 1513, 1514};
  for (unsigned i = 0; i < lengths.size(); ++i) send_one(link.sender, lengths[i], i);
  std::size_t right = 0;
  const auto got = receive_all(link.receiver, lengths.size(), [&](const Frame& frame, std::size_t n) {
    right += is_made_from(frame, lengths[n], static_cast<unsigned>(n));
  });
  CHECK_EQUAL(lengths.size(), got);
  CHECK_EQUAL(lengths.size(), right);
}

void check_headroom(const Link& link) {
  auto frame = make_frame(link.sender, 100, 9);
  frame.data -= 40;
  frame.length = 140;
  std::fill_n(frame.data, 40, std::uint8_t{0xab});
  link.sender.transmit({&frame, 1}, kStart);
  bool right = false;
  receive_all(link.receiver, 1, [&](const Frame& got, std::size_t) {
    Frame tail = got;
    tail.data += 40;
    tail.length = 100;
    right = got.length == 140 && got.data[0] == 0xab && got.data[39] == 0xab && is_made_from(tail, 100, 9);
  });
  CHECK_TRUE(right);
}

void check_burst_size(const Link& link) {
  for (unsigned i = 0; i < 40; ++i) send_one(link.sender, 64, i);
  std::array<Frame, 64> burst;
  const auto few = link.receiver.receive(std::span(burst).first(5), kStart);
  CHECK_TRUE(few <= 5);
  link.receiver.release(std::span(burst).first(few));
  const auto many = link.receiver.receive(burst, kStart);
  CHECK_TRUE(many <= kBurst);
  link.receiver.release(std::span(burst).first(many));
  const auto rest = receive_all(link.receiver, 40 - few - many, [](const Frame&, std::size_t) {});
  CHECK_EQUAL(40, few + many + rest);
}

void check_counters(const Link& link) {
  const auto sent = link.sender.counters();
  const auto received = link.receiver.counters();
  for (unsigned i = 0; i < 10; ++i) send_one(link.sender, 100, i);
  receive_all(link.receiver, 10, [](const Frame&, std::size_t) {});
  CHECK_EQUAL(10, link.sender.counters().frames_sent - sent.frames_sent);
  CHECK_EQUAL(1000, link.sender.counters().bytes_sent - sent.bytes_sent);
  CHECK_EQUAL(10, link.receiver.counters().frames_received - received.frames_received);
  CHECK_EQUAL(1000, link.receiver.counters().bytes_received - received.bytes_received);
}

void check_buffers_come_back(const Link& link) {
  const auto rounds = link.minimum_buffers * 20;
  std::size_t got = 0;
  for (unsigned i = 0; i < rounds; ++i) {
    send_one(link.sender, 64, i);
    got += receive_all(link.receiver, 1, [](const Frame&, std::size_t) {});
    Frame unwanted;
    CHECK_TRUE(link.sender.allocate(unwanted));
    link.sender.discard(unwanted);
  }
  CHECK_EQUAL(rounds, got);
}

void check_empty_pool(const Link& link) {
  std::vector<Frame> frames;
  const auto refused = link.sender.counters().no_buffer;
  for (Frame frame; frames.size() < 1'000'000 && link.sender.allocate(frame);) frames.push_back(frame);
  CHECK_TRUE(frames.size() >= link.minimum_buffers);
  CHECK_EQUAL(refused + 1, link.sender.counters().no_buffer);
  for (auto& frame : frames) link.sender.discard(frame);
  check_counters(link);
}

void check_quiet(const Link& link) {
  std::array<Frame, kBurst> burst;
  CHECK_EQUAL(0, link.receiver.receive(burst, kStart));
  link.sender.transmit({}, kStart);
  CHECK_EQUAL(0, link.receiver.receive(burst, kStart));
}

void check_conformance(const Link& link) {
  check_empty_frame(link);
  check_bytes_and_order(link);
  check_headroom(link);
  check_burst_size(link);
  check_counters(link);
  check_buffers_come_back(link);
  check_empty_pool(link);
  check_quiet(link);
}

}  // namespace postern::nic::test
