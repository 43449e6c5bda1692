// The bad line: does what it was told, no more, and the same again with the same seed.
#include "drivers/nic/fault_port.hpp"

#include <array>
#include <vector>

#include "drivers/nic/memory_port.hpp"
#include "tests/drivers/nic/packets.hpp"
#include "tests/drivers/nic/port_conformance.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::nic;

namespace {

// Sends `count` numbered frames one every 10 us over `settings` and returns the numbers that arrive, in
// order.
std::vector<std::uint32_t> numbers_through(const FaultSettings& settings, unsigned count,
                                           FaultCounters* faults = nullptr) {
  MemoryWire wire;
  FaultPort port(wire.a(), settings);
  std::vector<std::uint32_t> arrived;
  Instant now{1s};
  const auto fetch = [&] {
    test::receive_all(wire.b(), SIZE_MAX,
                      [&](const Frame& frame, std::size_t) { arrived.push_back(load_be32(frame.data)); });
  };
  for (unsigned i = 0; i < count; ++i, now += 10us) {
    auto frame = test::make_frame(port, 60, 0);
    store_be32(frame.data, i);
    port.transmit({&frame, 1}, now);
    fetch();
  }
  while (port.next_deadline() != kNever) {
    std::array<Frame, 1> none;
    port.receive(none, port.next_deadline());
    fetch();
  }
  if (faults != nullptr) *faults = port.sent_faults();
  return arrived;
}

bool is_near(std::size_t value, std::size_t wanted, std::size_t off) {
  return value + off >= wanted && value <= wanted + off;
}

}  // namespace

TEST_GROUP(FaultPort){};

TEST(FaultPort, without_faults_keeps_the_promises_of_a_port) {
  MemoryWire wire;
  FaultPort port(wire.a(), {});
  test::check_conformance({port, wire.b()});
  test::check_conformance({wire.b(), port});
}

TEST(FaultPort, keeps_the_promises_when_every_frame_is_held_as_a_copy) {
  MemoryWire wire;
  FaultPort port(wire.a(), {.sent = {.always_copy = true}, .received = {.always_copy = true}});
  test::check_conformance({port, wire.b()});
  test::check_conformance({wire.b(), port});
}

TEST(FaultPort, sends_a_received_copy_back) {
  MemoryWire wire({.buffers = 8});
  FaultPort port(wire.b(), {.received = {.always_copy = true}, .slots = 4});
  for (unsigned round = 0; round < 50; ++round) {
    auto frame = test::make_frame(wire.a(), 64, round);
    wire.a().transmit({&frame, 1}, Instant{});
    Frame got;
    CHECK_EQUAL(1, port.receive({&got, 1}, Instant{}));
    port.transmit({&got, 1}, Instant{});
    CHECK_EQUAL(1, wire.a().receive({&got, 1}, Instant{}));
    CHECK_TRUE(test::is_made_from(got, 64, round));
    wire.a().release({&got, 1});
  }
  CHECK_EQUAL(8, wire.a().free_buffers());
  CHECK_EQUAL(8, wire.b().free_buffers());
}

TEST(FaultPort, loses_as_many_as_it_was_told_and_counts_them) {
  FaultCounters faults;
  const auto arrived = numbers_through({.sent = {.loss = 0.1}}, 5000, &faults);
  CHECK_TRUE(is_near(faults.lost, 500, 80));
  CHECK_EQUAL(5000, arrived.size() + faults.lost);
}

TEST(FaultPort, loses_in_bursts) {
  FaultCounters faults;
  const auto arrived = numbers_through({.sent = {.burst_start = 0.01, .burst_stop = 0.1}}, 5000, &faults);
  CHECK_EQUAL(5000, arrived.size() + faults.burst_lost);
  std::size_t gaps = 0;
  for (std::size_t i = 1; i < arrived.size(); ++i) gaps += arrived[i] != arrived[i - 1] + 1;
  // Bursts of ten on average: far fewer gaps than lost frames.
  CHECK_TRUE(faults.burst_lost > 200);
  CHECK_TRUE(gaps * 5 < faults.burst_lost);
}

TEST(FaultPort, the_same_seed_gives_the_same_run_and_another_seed_another) {
  FaultSettings settings{.sent = {.loss = 0.05, .duplicate = 0.05, .reorder = 0.05, .jitter = 50us},
                         .seed = 42};
  const auto first = numbers_through(settings, 1000);
  CHECK_TRUE(first == numbers_through(settings, 1000));
  settings.seed = 43;
  CHECK_FALSE(first == numbers_through(settings, 1000));
}

TEST(FaultPort, a_reordered_frame_arrives_behind_later_ones) {
  FaultCounters faults;
  const auto arrived = numbers_through({.sent = {.reorder = 0.1, .reorder_by = 55us}}, 1000, &faults);
  CHECK_EQUAL(1000, arrived.size());
  std::size_t backwards = 0;
  for (std::size_t i = 1; i < arrived.size(); ++i) backwards += arrived[i] < arrived[i - 1];
  CHECK_TRUE(backwards > 50);
  CHECK_TRUE(backwards <= faults.reordered);
}

TEST(FaultPort, duplicates) {
  FaultCounters faults;
  const auto arrived = numbers_through({.sent = {.duplicate = 0.1}}, 1000, &faults);
  CHECK_TRUE(is_near(faults.duplicated, 100, 40));
  CHECK_EQUAL(1000 + faults.duplicated, arrived.size());
}

TEST(FaultPort, holds_a_delayed_frame_until_its_time_and_says_when_that_is) {
  MemoryWire wire;
  FaultPort port(wire.a(), {.sent = {.delay = 5ms}});
  CHECK_TRUE(port.next_deadline() == kNever);
  auto frame = test::make_frame(port, 60, 0);
  port.transmit({&frame, 1}, Instant{1s});
  CHECK_TRUE(port.next_deadline() == Instant{1s} + 5ms);
  std::array<Frame, 1> burst;
  port.receive(burst, Instant{1s} + 4999us);
  CHECK_EQUAL(0, wire.b().receive(burst, Instant{}));
  port.receive(burst, Instant{1s} + 5ms);
  CHECK_EQUAL(1, wire.b().receive(burst, Instant{}));
  wire.b().release(burst);
}

TEST(FaultPort, delays_what_is_received_too) {
  MemoryWire wire;
  FaultPort port(wire.b(), {.received = {.delay = 5ms}});
  auto frame = test::make_frame(wire.a(), 60, 7);
  wire.a().transmit({&frame, 1}, Instant{1s});
  std::array<Frame, 1> burst;
  CHECK_EQUAL(0, port.receive(burst, Instant{1s}));
  CHECK_EQUAL(1, port.receive(burst, port.next_deadline()));
  CHECK_TRUE(test::is_made_from(burst[0], 60, 7));
  port.release(burst);
}

TEST(FaultPort, a_corrupted_frame_differs_in_one_bit_and_its_checksum_shows_it) {
  MemoryWire wire({.transmit_checksum = true});
  FaultPort port(wire.a(), {.sent = {.corrupt = 1}});
  Frame frame;
  CHECK_TRUE(port.allocate(frame));
  test::fill_syn_v4(frame, {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, {192, 0, 2, 1}, {192, 0, 2, 2}, 40000, 25);
  port.transmit({&frame, 1}, Instant{1s});
  Frame got;
  CHECK_EQUAL(1, wire.b().receive({&got, 1}, Instant{1s}));
  CHECK_TRUE(got.checksum == ChecksumState::unknown);
  CHECK_EQUAL(1, port.sent_faults().corrupted);
  // A flip in the Ethernet header is not the checksum's business.
  Frame right;
  CHECK_TRUE(wire.b().allocate(right));
  test::fill_syn_v4(right, {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, {192, 0, 2, 1}, {192, 0, 2, 2}, 40000, 25);
  const bool in_ethernet = !std::equal(right.data, right.data + 14, got.data);
  CHECK_TRUE(in_ethernet || !test::has_right_checksums(got.bytes()));
  wire.b().discard(right);
  wire.b().release({&got, 1});
}

TEST(FaultPort, what_finds_no_slot_is_lost_and_counted) {
  FaultCounters faults;
  const auto arrived = numbers_through({.sent = {.delay = 1s}, .slots = 16}, 100, &faults);
  CHECK_EQUAL(16, arrived.size());
  CHECK_EQUAL(84, faults.overflow);
}
