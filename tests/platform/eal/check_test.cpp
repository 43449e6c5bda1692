// What is said where a machine lacks what a board names; nothing here starts DPDK.
#include <algorithm>
#include <string>

#include "platform/eal/eal.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using board::Board;
using board::Faults;
using board::Port;

namespace {

Board board_with(std::string device, Port::Kind kind = Port::Kind::vdev) {
  Board board;
  board.source = "b.toml";
  board.memory = {.hugepages = false, .megabytes = 64};
  board.cores.data = {0};
  Port port;
  port.name = "wan";
  port.kind = kind;
  port.device = std::move(device);
  board.ports.push_back(port);
  return board;
}

std::string only(const Faults& faults) {
  CHECK_EQUAL(1, faults.size());
  CHECK_TRUE(faults[0].reason.find('\n') == std::string::npos);
  return faults[0].reason;
}

bool contains(const std::vector<std::string>& list, const std::string& first, const std::string& second) {
  const auto found = std::ranges::find(list, first);
  return found != list.end() && found + 1 != list.end() && *(found + 1) == second;
}

}  // namespace

TEST_GROUP(EalCheck){};

TEST(EalCheck, nothing_is_wrong_with_a_software_device_on_core_0) {
  CHECK_TRUE(eal::check(board_with("net_null0")).empty());
}

TEST(EalCheck, names_a_core_that_does_not_exist_and_those_that_do) {
  auto board = board_with("net_null0");
  board.cores.data = {900};
  Faults faults;
  eal::check_cores(board, faults);
  STRCMP_CONTAINS("b.toml: [cores] data names core 900, which this machine does not give us: use one of 0",
                  only(faults).c_str());
}

TEST(EalCheck, says_how_many_huge_pages_are_missing_and_how_to_get_them) {
  auto board = board_with("net_null0");
  board.memory = {.hugepages = true, .megabytes = 1'000'000};
  Faults faults;
  eal::check_memory(board, faults);
  const auto line = only(faults);
  STRCMP_CONTAINS("b.toml: [memory] needs 1000000 MB of huge pages, ", line.c_str());
  STRCMP_CONTAINS("sysctl vm.nr_hugepages=500000", line.c_str());
  STRCMP_CONTAINS("hugepages = false", line.c_str());
}

TEST(EalCheck, more_memory_than_the_machine_has_is_a_fault) {
  auto board = board_with("net_null0");
  board.memory.megabytes = 1024 * 1024;
  Faults faults;
  eal::check_memory(board, faults);
  STRCMP_CONTAINS("[memory] megabytes asks for 1048576 MB, the machine has ", only(faults).c_str());
}

TEST(EalCheck, an_interface_that_does_not_exist_is_named) {
  Faults faults;
  eal::check_ports(board_with("net_af_packet0,iface=nosuch0"), faults);
  STRCMP_CONTAINS("b.toml: [[port]] wan interface nosuch0 does not exist in this network namespace",
                  only(faults).c_str());
}

TEST(EalCheck, a_packet_device_without_an_interface_is_a_fault) {
  Faults faults;
  eal::check_ports(board_with("net_af_packet0"), faults);
  STRCMP_CONTAINS("[[port]] wan vdev names no interface: add iface=NAME", only(faults).c_str());
}

TEST(EalCheck, a_pci_device_that_does_not_exist_is_named) {
  Faults faults;
  eal::check_ports(board_with("ffff:ff:1f.7", Port::Kind::pci), faults);
  STRCMP_CONTAINS("[[port]] wan PCI device ffff:ff:1f.7 does not exist", only(faults).c_str());
}

TEST(EalCheck, auto_takes_ports_in_order_and_says_where_none_is_left) {
  auto board = board_with("auto", Port::Kind::pci);
  for (std::size_t i = 0; i < eal::pci_candidates().size(); ++i) board.ports.push_back(board.ports[0]);
  const auto devices = eal::resolve_devices(board);
  CHECK_TRUE(std::equal(devices.begin(), devices.end() - 1, eal::pci_candidates().begin()));
  Faults faults;
  eal::check_ports(board, faults);
  STRCMP_CONTAINS("[[port]] wan finds no PCI network device for pci = \"auto\"", only(faults).c_str());
}

TEST(EalCheck, all_faults_are_told_together) {
  auto board = board_with("net_af_packet0,iface=nosuch0");
  board.cores.housekeeping = 901;
  board.memory = {.hugepages = true, .megabytes = 1'000'000};
  CHECK_TRUE(eal::check(board).size() >= 3);
}

TEST(EalCheck, arguments_for_ordinary_pages_and_software_devices) {
  auto board = board_with("net_null0");
  board.cores = {.data = {2, 3}, .spool_writer = 0, .housekeeping = 1};
  const auto list = eal::arguments(board, "postern");
  STRCMP_EQUAL("postern", list[0].c_str());
  CHECK_TRUE(contains(list, "--lcores", "0@1,1@2,2@3"));
  CHECK_TRUE(contains(list, "-m", "64"));
  CHECK_TRUE(contains(list, "--iova-mode", "va"));
  for (const auto* wanted : {"--no-huge", "--no-shconf", "--no-pci", "--no-telemetry"}) {
    CHECK_TRUE(std::ranges::find(list, wanted) != list.end());
  }
  CHECK_TRUE(std::ranges::find(list, "--in-memory") == list.end());
}

TEST(EalCheck, arguments_for_huge_pages_and_pci_devices) {
  auto board = board_with("0000:03:00.0", Port::Kind::pci);
  board.memory.hugepages = true;
  const auto list = eal::arguments(board, "postern");
  CHECK_TRUE(contains(list, "-a", "0000:03:00.0"));
  CHECK_TRUE(std::ranges::find(list, "--in-memory") != list.end());
  for (const auto* unwanted : {"--no-huge", "--no-pci", "--iova-mode"}) {
    CHECK_TRUE(std::ranges::find(list, unwanted) == list.end());
  }
}
