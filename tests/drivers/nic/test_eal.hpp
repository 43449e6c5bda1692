// DPDK for the tests of this program, without huge pages or rights; started once, at first use.
#pragma once

#include <memory>
#include <string>

#include "drivers/nic/dpdk_device.hpp"
#include "platform/eal/eal.hpp"

namespace postern::nic::test {

eal::Eal& test_eal();

// A started device on a DPDK device string ("net_ring0"); fails the test where it does not start.
std::unique_ptr<DpdkDevice> open_device(const std::string& vdev, std::uint16_t mtu = 1500);

}  // namespace postern::nic::test
