// DpdkPort over DPDK's own software devices: net_ring (what is sent comes back) and net_null.
#include "drivers/nic/dpdk_port.hpp"

#include "tests/drivers/nic/port_conformance.hpp"
#include "tests/drivers/nic/test_eal.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::nic;

TEST_GROUP(DpdkPort){};

TEST(DpdkPort, keeps_the_promises_of_a_port) {
  const auto device = test::open_device("net_ring0");
  auto& port = device->queue(0);
  test::check_conformance({port, port, 1024});
}

TEST(DpdkPort, sends_a_received_frame_again) {
  const auto device = test::open_device("net_ring1");
  auto& port = device->queue(0);
  auto frame = test::make_frame(port, 64, 3);
  for (int round = 0; round < 100; ++round) {
    port.transmit({&frame, 1}, Instant{1s});
    CHECK_EQUAL(1, port.receive({&frame, 1}, Instant{1s}));
    CHECK_TRUE(test::is_made_from(frame, 64, 3));
  }
  port.release({&frame, 1});
}

TEST(DpdkPort, drops_and_counts_what_a_full_queue_does_not_take) {
  const auto device = test::open_device("net_ring2");
  auto& port = device->queue(0);
  std::size_t offered = 0;
  while (port.counters().transmit_full == 0 && offered < 100'000) {
    auto frame = test::make_frame(port, 64, 0);
    port.transmit({&frame, 1}, Instant{1s});
    ++offered;
  }
  CHECK_EQUAL(1, port.counters().transmit_full);
  CHECK_EQUAL(offered - 1, port.counters().frames_sent);
  CHECK_EQUAL(offered - 1, test::receive_all(port, offered - 1, [](const Frame&, std::size_t) {}));
}

TEST(DpdkPort, pads_a_short_frame_with_zeros) {
  const auto device = test::open_device("net_ring3");
  auto& port = device->queue(0);
  auto frame = test::make_frame(port, 60, 0xff);
  frame.length = 42;
  port.transmit({&frame, 1}, Instant{1s});
  bool zero = true;
  const auto got = test::receive_all(port, 1, [&](const Frame& received, std::size_t) {
    CHECK_EQUAL(60, received.length);
    for (std::size_t i = 42; i < 60; ++i) zero &= received.data[i] == 0;
  });
  CHECK_EQUAL(1, got);
  CHECK_TRUE(zero);
}

TEST(DpdkPort, tells_the_facts_of_its_device) {
  const auto device = test::open_device("net_null0");
  const auto& facts = device->queue(0).facts();
  STRCMP_EQUAL("net_null0", facts.name.c_str());
  CHECK_EQUAL(1500, facts.mtu);
  CHECK_FALSE(facts.can_wait);
  CHECK_EQUAL(-1, device->queue(0).wait_descriptor());
}

TEST(DpdkPort, a_device_string_nobody_knows_is_one_clear_fault) {
  board::Port port;
  port.kind = board::Port::Kind::vdev;
  port.name = "wan";
  port.device = "net_nosuch0";
  const auto number = test::test_eal().attach_port(port);
  CHECK_FALSE(number.has_value());
  STRCMP_CONTAINS("port wan (net_nosuch0) does not start", number.error().reason.c_str());
  CHECK_TRUE(number.error().reason.find('\n') == std::string::npos);
}

TEST(DpdkPort, more_queues_than_the_device_has_is_one_clear_fault) {
  board::Port port;
  port.kind = board::Port::Kind::vdev;
  port.name = "lan";
  port.device = "net_ring4";
  const auto number = test::test_eal().attach_port(port);
  CHECK_TRUE(number.has_value());
  auto settings = device_settings(test::test_eal().board(), port, *number);
  settings.queues = 2;
  const auto device = DpdkDevice::open(settings);
  CHECK_FALSE(device.has_value());
  STRCMP_CONTAINS("port lan: the device", device.error().reason.c_str());
}
