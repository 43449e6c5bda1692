// The software Toeplitz hash against published values, and its symmetry.
#include "drivers/nic/flow_hash.hpp"

#include <utility>

#include <CppUTest/TestHarness.h>

using namespace postern::nic;

namespace {

FlowAddresses v4_flow(std::array<std::uint8_t, 4> remote, std::uint16_t remote_port,
                      std::array<std::uint8_t, 4> local, std::uint16_t local_port) {
  FlowAddresses flow;
  for (auto* address : {&flow.local, &flow.remote}) (*address)[10] = (*address)[11] = 0xff;
  for (std::size_t i = 0; i < 4; ++i) {
    flow.remote[12 + i] = remote[i];
    flow.local[12 + i] = local[i];
  }
  flow.remote_port = remote_port;
  flow.local_port = local_port;
  return flow;
}

// The key of Microsoft's RSS verification suite.
constexpr std::array<std::uint8_t, 40> kVerificationKey{
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

}  // namespace

TEST_GROUP(FlowHash){};

TEST(FlowHash, gives_the_published_values) {
  const auto flow = v4_flow({66, 9, 149, 187}, 2794, {161, 142, 100, 80}, 1766);
  CHECK_EQUAL(0x51ccc178u, flow_hash(flow, kVerificationKey, true));
  CHECK_EQUAL(0x323e8fc2u, flow_hash(flow, kVerificationKey, false));
}

TEST(FlowHash, is_the_same_for_both_directions_with_the_symmetric_key) {
  const auto key = symmetric_hash_key(40);
  for (unsigned i = 0; i < 1000; ++i) {
    const auto low = static_cast<std::uint8_t>(i);
    const auto port = static_cast<std::uint16_t>(i * 61 + 1024);
    auto flow = v4_flow({198, 51, 100, low}, port, {192, 0, 2, 1}, 25);
    const auto there = flow_hash(flow, key, true);
    std::swap(flow.local, flow.remote);
    std::swap(flow.local_port, flow.remote_port);
    CHECK_EQUAL(there, flow_hash(flow, key, true));
  }
}

TEST(FlowHash, spreads_local_ports_over_queues) {
  const auto key = symmetric_hash_key(0);
  std::array<unsigned, 4> landed{};
  for (unsigned port = 1024; port < 5120; ++port) {
    const auto flow = v4_flow({198, 51, 100, 7}, 25, {192, 0, 2, 1}, static_cast<std::uint16_t>(port));
    ++landed[flow_hash(flow, key, true) % 128 % landed.size()];
  }
  for (const auto count : landed) CHECK_TRUE(count > 512);
}

TEST(FlowHash, the_key_is_as_long_as_the_device_asks) {
  CHECK_EQUAL(40, symmetric_hash_key(0).size());
  CHECK_EQUAL(52, symmetric_hash_key(52).size());
}
