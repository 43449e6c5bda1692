// A board held against a machine: a tree like / with sys and dev in it.
#include "platform/board/inventory.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

using Weight = board::Finding::Weight;

std::string lines(const std::vector<board::Finding>& findings, Weight weight) {
  std::string all;
  for (const auto& finding : findings) {
    if (finding.weight == weight) all += finding.text + "\n";
  }
  return all;
}

board::Board apu2() {
  const auto board = board::load("pcengines-apu2", POSTERN_BOARDS);
  if (!board) FAIL(board.error().front().reason.c_str());
  return *board;
}

}  // namespace

TEST_GROUP(Inventory) {
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "inventory-test-XXXXXX").string();
    root = ::mkdtemp(name.data());
  }
  void teardown() override {
    std::filesystem::remove_all(root);
  }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text << "\n";
  }
  void nic(const std::string& address, const std::string& driver) const {
    const auto device = "sys/bus/pci/devices/" + address;
    write(device + "/class", "0x020000");
    std::filesystem::create_symlink("../../../drivers/" + driver, root / device / "driver");
  }
  // The box as it should be.
  void whole_box() const {
    write("sys/class/dmi/id/sys_vendor", "PC Engines");
    write("sys/class/dmi/id/product_name", "apu2");
    write("sys/devices/system/cpu/present", "0-3");
    write("sys/devices/system/cpu/isolated", "2-3");
    write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "256");
    for (const auto* address : {"0000:01:00.0", "0000:02:00.0"}) nic(address, "vfio-pci");
    nic("0000:03:00.0", "igb");
    write("sys/firmware/efi/runtime", "");
    write("sys/kernel/iommu_groups/0/type", "DMA");
    write("dev/watchdog0", "");
    for (const auto* led : {"apu:green:1", "apu:green:2", "apu:green:3"})
      write("sys/class/leds/" + std::string(led) + "/brightness", "0");
    write("sys/class/hwmon/hwmon0/name", "k10temp");
    write("sys/class/hwmon/hwmon0/temp1_input", "50000");
  }
  std::filesystem::path root;
};

TEST(Inventory, a_box_as_it_should_be_has_neither_faults_nor_warnings) {
  whole_box();
  const auto findings = board::compare(apu2(), root);
  STRCMP_EQUAL("", lines(findings, Weight::fault).c_str());
  STRCMP_EQUAL("", lines(findings, Weight::warning).c_str());
  CHECK_EQUAL(14, findings.size());
}

TEST(Inventory, what_keeps_mail_from_flowing_is_a_fault_with_what_would_be_right) {
  whole_box();
  write("sys/devices/system/cpu/present", "0-1");
  write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "10");
  std::filesystem::remove_all(root / "sys/bus/pci/devices/0000:02:00.0");
  write("sys/bus/pci/devices/0000:03:00.0/class", "0x010601");
  STRCMP_EQUAL(
      "core 3 is not there: the machine has cores 0-1\n"
      "too few huge pages: 10 of 256 (sysctl vm.nr_hugepages)\n"
      "port lan: there is no device at 0000:02:00.0\n"
      "management port: there is no network device at 0000:03:00.0\n",
      lines(board::compare(apu2(), root), Weight::fault).c_str());
}

TEST(Inventory, what_mail_flows_without_is_a_warning) {
  whole_box();
  write("sys/class/dmi/id/product_name", "apu4");
  for (const auto* gone :
       {"sys/firmware", "sys/kernel/iommu_groups", "dev", "sys/class/leds/apu:green:2", "sys/class/hwmon"})
    std::filesystem::remove_all(root / gone);
  const auto warnings = lines(board::compare(apu2(), root), Weight::warning);
  STRCMP_CONTAINS("this machine is \"apu4\" of \"PC Engines\", but board pcengines-apu2 is \"apu2\"",
                  warnings.c_str());
  STRCMP_CONTAINS("not started by UEFI", warnings.c_str());
  STRCMP_CONTAINS("the IOMMU is off: switch on VT-d or AMD-Vi", warnings.c_str());
  STRCMP_CONTAINS("Load module sp5100_tco (/dev/watchdog0)", warnings.c_str());
  STRCMP_CONTAINS("light mail: there is no /sys/class/leds/apu:green:2", warnings.c_str());
  STRCMP_CONTAINS("sensor cpu: no chip k10temp with temp1", warnings.c_str());
}

TEST(Inventory, a_port_that_dpdk_cannot_take_is_told_with_its_driver) {
  whole_box();
  std::filesystem::remove_all(root / "sys/bus/pci/devices/0000:01:00.0");
  nic("0000:01:00.0", "igb");
  STRCMP_CONTAINS("port wan at 0000:01:00.0 is bound to igb: DPDK needs vfio-pci or uio_pci_generic",
                  lines(board::compare(apu2(), root), Weight::warning).c_str());
}
