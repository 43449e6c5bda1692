// Starts DPDK from a board text.
#include "tests/drivers/nic/test_eal.hpp"

#include <CppUTest/TestHarness.h>

// libxdp keeps a few bytes for each AF_XDP device when it is closed; not ours to free.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:xsk_umem__create";
}

namespace postern::nic::test {
namespace {

constexpr const char* kBoard = R"(
name = "test"
[memory]
hugepages = false
megabytes = 128
[cores]
data = [0]
[[port]]
name = "unused"
vdev = "net_null9"
)";

Result<std::string, Fault> no_parent(std::string_view) {
  return fault("no parent");
}

}  // namespace

eal::Eal& test_eal() {
  static const auto eal = [] {
    const auto board = board::parse(kBoard, "test", no_parent);
    if (!board) FAIL(board.error().front().reason.c_str());
    auto started = eal::Eal::start(*board, "test-nic");
    if (!started) FAIL(started.error().front().reason.c_str());
    return std::move(*started);
  }();
  return *eal;
}

std::unique_ptr<DpdkDevice> open_device(const std::string& vdev, std::uint16_t mtu) {
  board::Port port;
  port.kind = board::Port::Kind::vdev;
  port.name = vdev.substr(0, vdev.find(','));
  port.device = vdev;
  port.mtu = mtu;
  const auto number = test_eal().attach_port(port);
  if (!number) FAIL(number.error().reason.c_str());
  auto settings = device_settings(test_eal().board(), port, *number);
  settings.buffers = 1024;
  auto device = DpdkDevice::open(settings);
  if (!device) FAIL(device.error().reason.c_str());
  return std::move(*device);
}

}  // namespace postern::nic::test
