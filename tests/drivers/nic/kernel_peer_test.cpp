// Real frames to and from a real kernel: DpdkPort over af_packet on a veth pair, and the exception tap.
//
// The kernel answers a SYN to a closed port with RST only if the SYN's checksums are right.
#include <poll.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "drivers/nic/exception_tap.hpp"
#include "drivers/nic/idle.hpp"
#include "platform/clock/clock.hpp"
#include "tests/drivers/nic/packets.hpp"
#include "tests/drivers/nic/test_eal.hpp"
#include "tests/drivers/nic/test_network.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::nic;
using test::TestNetwork;

namespace {

using Wanted = std::function<bool(Bytes)>;

// Polls until a frame that is wanted comes, for at most a second.
bool await(Port& port, const Wanted& is_wanted) {
  std::array<Frame, kBurst> burst;
  bool found = false;
  const auto end = clock::kernel_instant() + 1s;
  while (!found && clock::kernel_instant() < end) {
    const auto count = port.receive(burst, clock::kernel_instant());
    for (std::size_t i = 0; i < count; ++i) found |= is_wanted(burst[i].bytes());
    port.release(std::span(burst).first(count));
  }
  return found;
}

bool is_arp_reply(Bytes frame) {
  return frame.size() >= 42 && load_be16(&frame[12]) == 0x0806 && load_be16(&frame[20]) == 2;
}

bool is_right_reset(Bytes frame, std::size_t tcp) {
  return frame.size() >= tcp + 20 && frame[tcp + 13] == 0x14 && load_be32(&frame[tcp + 8]) == 1001 &&
         test::has_right_checksums(frame);
}
bool is_right_reset_v4(Bytes frame) {
  return frame[12] == 0x08 && frame[13] == 0x00 && is_right_reset(frame, 34);
}
bool is_right_reset_v6(Bytes frame) {
  return frame[12] == 0x86 && frame[13] == 0xdd && is_right_reset(frame, 54);
}

std::string mac_text(const test::Mac& mac) {
  std::array<char, 18> text;
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                mac[4], mac[5]);
  return text.data();
}

constexpr const char* kPacket = ",iface=pk0,blocksz=65536,framesz=2048,framecnt=512,qdisc_bypass=1";

std::unique_ptr<DpdkDevice> open_veth(const std::string& vdev) {
  board::Port port;
  port.kind = board::Port::Kind::vdev;
  port.name = "veth";
  port.device = vdev;
  const auto attached = test::test_eal().attach_port(port);
  if (!attached) FAIL(attached.error().reason.c_str());
  auto device = DpdkDevice::open(device_settings(test::test_eal().board(), port, *attached));
  if (!device) FAIL(device.error().reason.c_str());
  return std::move(*device);
}

Frame allocate(Port& port) {
  Frame frame;
  CHECK_TRUE(port.allocate(frame));
  return frame;
}

// Resolves, then opens connections that the kernel refuses, over both IP versions.
void talk_to_the_kernel(const TestNetwork& network, Port& port) {
  const auto& mac = port.facts().mac;

  auto frame = allocate(port);
  test::fill_arp_request(frame, mac, TestNetwork::kOurV4, TestNetwork::kTheirV4);
  port.transmit({&frame, 1}, clock::kernel_instant());
  CHECK_TRUE(await(port, is_arp_reply));

  CHECK_TRUE(network.run_at_peer("ip neigh replace 10.99.0.1 lladdr " + mac_text(mac) + " dev pk1"));
  frame = allocate(port);
  test::fill_syn_v4(frame, network.their_mac(), mac, TestNetwork::kOurV4, TestNetwork::kTheirV4, 40000, 9);
  port.transmit({&frame, 1}, clock::kernel_instant());
  CHECK_TRUE(await(port, is_right_reset_v4));

  CHECK_TRUE(network.run_at_peer("ip neigh replace fd99::1 lladdr " + mac_text(mac) + " dev pk1"));
  frame = allocate(port);
  test::fill_syn_v6(frame, network.their_mac(), mac, TestNetwork::kOurV6, TestNetwork::kTheirV6, 40001, 9);
  port.transmit({&frame, 1}, clock::kernel_instant());
  CHECK_TRUE(await(port, is_right_reset_v6));
  CHECK_TRUE(port.link_up());
}

// Sleeps for up to a second, with the answer to a question on its way.
void sleep_until_the_kernel_answers(Port& port) {
  CHECK_TRUE(port.facts().can_wait);
  // What the kernel says on its own when a link comes up must not be what wakes us.
  await(port, [](Bytes) { return false; });

  auto frame = allocate(port);
  test::fill_arp_request(frame, port.facts().mac, TestNetwork::kOurV4, TestNetwork::kTheirV4);
  port.transmit({&frame, 1}, clock::kernel_instant());
  std::array<Port*, 1> ports{&port};
  IdleGovernor idle({.empty_polls = 1, .first = 900ms, .longest = 900ms}, ports);
  idle.after_poll(false, clock::kernel_instant(), kNever);
  CHECK_EQUAL(1, idle.counters().woken_by_frame);
  CHECK_TRUE(await(port, is_arp_reply));
}

}  // namespace

TEST_GROUP(KernelPeer){};

TEST(KernelPeer, answers_arp_and_resets_a_syn_whose_checksums_were_completed_in_software) {
  test::test_eal();
  const TestNetwork network;
  if (!network.usable()) return;
  const auto device = open_veth(std::string("net_af_packet0") + kPacket);
  talk_to_the_kernel(network, device->queue(0));
}

TEST(KernelPeer, answers_over_af_xdp_too) {
  test::test_eal();
  const TestNetwork network;
  if (!network.usable()) return;
  const auto device = open_veth("net_af_xdp0,iface=pk0");
  talk_to_the_kernel(network, device->queue(0));
}

TEST(KernelPeer, answers_through_a_tap_device_of_dpdk) {
  test::test_eal();
  const TestNetwork network;
  if (!network.usable()) return;
  const auto device = open_veth("net_tap0,iface=pk-dpdk");
  auto& port = device->queue(0);
  CHECK_TRUE(network.run("ip addr add 10.97.0.2/24 dev pk-dpdk && ip link set pk-dpdk up"));
  auto frame = allocate(port);
  test::fill_arp_request(frame, {2, 0, 0, 0, 0, 1}, {10, 97, 0, 1}, {10, 97, 0, 2});
  port.transmit({&frame, 1}, clock::kernel_instant());
  CHECK_TRUE(await(port, is_arp_reply));
}

TEST(KernelPeer, a_frame_of_the_kernel_wakes_a_core_that_sleeps_on_af_packet) {
  test::test_eal();
  const TestNetwork network;
  if (!network.usable()) return;
  const auto device = open_veth(std::string("net_af_packet1") + kPacket);
  sleep_until_the_kernel_answers(device->queue(0));
}

TEST(KernelPeer, a_frame_of_the_kernel_wakes_a_core_that_sleeps_on_af_xdp) {
  test::test_eal();
  const TestNetwork network;
  if (!network.usable()) return;
  const auto device = open_veth("net_af_xdp1,iface=pk0");
  sleep_until_the_kernel_answers(device->queue(0));
}

TEST(KernelPeer, the_exception_tap_hands_frames_to_the_kernel_and_brings_its_answers_back) {
  const TestNetwork network;
  if (!network.usable()) return;
  const test::Mac mac{0x02, 0, 0, 0, 0, 0x77};
  auto tap = ExceptionTap::start({.interface = "pk-tap", .mac = mac});
  if (!tap) FAIL(tap.error().reason.c_str());
  CHECK_TRUE(network.run("ip link show dev pk-tap | grep -q 02:00:00:00:00:77"));
  CHECK_TRUE(network.run("ip addr add 10.98.0.2/24 dev pk-tap"));

  std::array<std::uint8_t, 64> bytes{};
  Frame frame{.data = bytes.data(), .capacity = 64};
  test::fill_arp_request(frame, {0x02, 0, 0, 0, 0, 1}, {10, 98, 0, 1}, {10, 98, 0, 2});
  CHECK_TRUE((*tap)->push(0, frame));
  bool answered = false;
  const auto end = clock::kernel_instant() + 1s;
  while (!answered && clock::kernel_instant() < end) {
    (*tap)->poll();
    for (auto got = (*tap)->pop(); !got.empty(); got = (*tap)->pop()) {
      answered |= is_arp_reply(got) && std::equal(mac.begin(), mac.end(), got.begin() + 6);
      (*tap)->pop_done();
    }
  }
  CHECK_TRUE(answered);
  CHECK_EQUAL(1, (*tap)->counters().to_kernel);
  CHECK_TRUE((*tap)->counters().from_kernel >= 1);
}

TEST(KernelPeer, a_full_ring_towards_the_kernel_refuses_and_does_not_wait) {
  const TestNetwork network;
  if (!network.usable()) return;
  auto tap = ExceptionTap::start({.interface = "pk-tap", .mac = {2, 0, 0, 0, 0, 1}, .slots = 4});
  if (!tap) FAIL(tap.error().reason.c_str());
  std::array<std::uint8_t, 64> bytes{};
  const Frame frame{.data = bytes.data(), .length = 64, .capacity = 64};
  for (int i = 0; i < 4; ++i) CHECK_TRUE((*tap)->push(0, frame));
  CHECK_FALSE((*tap)->push(0, frame));
  (*tap)->poll();
  CHECK_TRUE((*tap)->push(0, frame));
}

TEST(KernelPeer, a_tap_that_cannot_be_made_is_one_clear_fault) {
  const TestNetwork network;
  if (!network.usable()) return;
  const auto tap = ExceptionTap::start({.interface = "pk0"});
  CHECK_FALSE(tap.has_value());
  STRCMP_CONTAINS("exception tap pk0: cannot make the interface", tap.error().reason.c_str());
}
