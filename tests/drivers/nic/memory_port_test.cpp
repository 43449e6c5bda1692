// The in-memory twin.
#include "drivers/nic/memory_port.hpp"

#include <thread>

#include "tests/drivers/nic/port_conformance.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::nic;

TEST_GROUP(MemoryPort){};

TEST(MemoryPort, keeps_the_promises_of_a_port) {
  MemoryWire wire;
  test::check_conformance({wire.a(), wire.b()});
  test::check_conformance({wire.b(), wire.a()});
}

TEST(MemoryPort, sends_a_received_frame_back_without_losing_its_buffer) {
  MemoryWire wire({.buffers = 8});
  for (unsigned round = 0; round < 100; ++round) {
    auto frame = test::make_frame(wire.a(), 64, round);
    wire.a().transmit({&frame, 1}, Instant{});
    Frame got;
    CHECK_EQUAL(1, wire.b().receive({&got, 1}, Instant{}));
    wire.b().transmit({&got, 1}, Instant{});
    CHECK_EQUAL(1, wire.a().receive({&got, 1}, Instant{}));
    CHECK_TRUE(test::is_made_from(got, 64, round));
    wire.a().release({&got, 1});
  }
  CHECK_EQUAL(8, wire.a().free_buffers());
  CHECK_EQUAL(8, wire.b().free_buffers());
}

TEST(MemoryPort, drops_and_counts_while_the_link_is_down) {
  MemoryWire wire;
  wire.a().set_link(false);
  auto frame = test::make_frame(wire.a(), 64, 1);
  wire.a().transmit({&frame, 1}, Instant{});
  CHECK_FALSE(wire.a().link_up());
  CHECK_EQUAL(1, wire.a().counters().transmit_full);
  Frame got;
  CHECK_EQUAL(0, wire.b().receive({&got, 1}, Instant{}));
}

TEST(MemoryPort, a_frame_whose_checksum_the_device_completes_arrives_as_good) {
  MemoryWire wire({.transmit_checksum = true});
  auto frame = test::make_frame(wire.a(), 64, 1);
  frame.checksum = ChecksumState::transport;
  wire.a().transmit({&frame, 1}, Instant{});
  Frame got;
  CHECK_EQUAL(1, wire.b().receive({&got, 1}, Instant{}));
  CHECK_TRUE(got.checksum == ChecksumState::good);
  wire.b().release({&got, 1});
}

TEST(MemoryPort, carries_frames_between_two_threads) {
  constexpr unsigned kFrames = 20'000;
  MemoryWire wire({.buffers = 256});
  std::thread sender([&wire] {
    for (unsigned i = 0; i < kFrames;) {
      Frame frame;
      if (!wire.a().allocate(frame)) {
        std::this_thread::yield();
        continue;
      }
      frame.length = 64;
      store_be32(frame.data, i++);
      wire.a().transmit({&frame, 1}, Instant{});
    }
  });
  unsigned next = 0;
  bool in_order = true;
  std::array<Frame, kBurst> burst;
  while (next < kFrames) {
    const auto got = wire.b().receive(burst, Instant{});
    for (std::size_t i = 0; i < got; ++i) in_order &= load_be32(burst[i].data) == next++;
    wire.b().release(std::span(burst).first(got));
    if (got == 0) std::this_thread::yield();
  }
  sender.join();
  CHECK_TRUE(in_order);
  CHECK_EQUAL(256, wire.a().free_buffers());
}
