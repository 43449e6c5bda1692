// Board files: what they may say, and how a fault is told.
#include "platform/board/board.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <CppUTest/TestHarness.h>

using namespace postern;
using board::Board;
using board::Faults;

namespace {

constexpr std::string_view kGood = R"(
name = "test"
[memory]
hugepages = false
megabytes = 128
[cores]
data = [1, 2]
spool_writer = 3
housekeeping = 0
[[port]]
name = "wan"
vdev = "net_af_packet0,iface=wan0,framesz=2048"
[[port]]
name = "lan"
pci = "0000:03:00.1"
mtu = 9000
queues = 1
exception_tap = "pk-lan"
checksum_offload = false
)";

Result<std::string, Fault> parents(std::string_view name) {
  if (name == "good") return std::string(kGood);
  if (name == "loop") return std::string("extends = \"loop\"\n");
  return fault("board " + std::string(name) + " does not exist");
}

Board good(std::string_view text) {
  auto board = board::parse(text, "b.toml", parents);
  if (!board) FAIL(board.error().front().reason.c_str());
  return *board;
}

// All fault lines, one after the other.
std::string faults(std::string_view text) {
  const auto board = board::parse(text, "b.toml", parents);
  CHECK_FALSE(board.has_value());
  std::string lines;
  for (const auto& fault : board.error()) lines += fault.reason + "\n";
  return lines;
}

std::string with(std::string_view old_text, std::string_view new_text) {
  std::string text(kGood);
  const auto at = text.find(old_text);
  CHECK_TRUE(at != std::string::npos);
  return text.replace(at, old_text.size(), new_text);
}

}  // namespace

TEST_GROUP(Board){};

TEST(Board, reads_everything_a_board_says) {
  const auto board = good(kGood);
  STRCMP_EQUAL("test", board.name.c_str());
  CHECK_FALSE(board.memory.hugepages);
  CHECK_EQUAL(128u, board.memory.megabytes);
  CHECK_TRUE((board.cores.data == std::vector<std::uint16_t>{1, 2}));
  CHECK_EQUAL(3, board.cores.spool_writer);
  CHECK_EQUAL(2, board.ports.size());
  const auto& wan = board.ports[0];
  CHECK_TRUE(wan.kind == board::Port::Kind::vdev);
  STRCMP_EQUAL("net_af_packet0", std::string(wan.device_name()).c_str());
  STRCMP_EQUAL("wan0", std::string(wan.device_argument("iface")).c_str());
  STRCMP_EQUAL("", std::string(wan.device_argument("face")).c_str());
  CHECK_EQUAL(2, board::queue_count(board, wan));
  const auto& lan = board.ports[1];
  CHECK_TRUE(lan.kind == board::Port::Kind::pci);
  CHECK_EQUAL(9000, lan.mtu);
  CHECK_EQUAL(1, board::queue_count(board, lan));
  CHECK_FALSE(lan.checksum_offload);
  STRCMP_EQUAL("pk-lan", lan.exception_tap.c_str());
}

TEST(Board, a_sibling_states_only_its_difference) {
  const auto board = good(R"(
extends = "good"
name = "sibling"
[memory]
megabytes = 256
[[port]]
name = "lan"
vdev = "net_tap0"
[[port]]
name = "dmz"
pci = "auto"
)");
  STRCMP_EQUAL("sibling", board.name.c_str());
  CHECK_FALSE(board.memory.hugepages);
  CHECK_EQUAL(256u, board.memory.megabytes);
  CHECK_EQUAL(3, board.ports.size());
  CHECK_TRUE(board.ports[1].kind == board::Port::Kind::vdev);
  STRCMP_EQUAL("net_tap0", board.ports[1].device.c_str());
  CHECK_EQUAL(9000, board.ports[1].mtu);
  STRCMP_EQUAL("dmz", board.ports[2].name.c_str());
}

TEST(Board, tells_all_faults_at_once) {
  const auto lines = faults(R"(
name = 7
colour = "red"
[memory]
megabytes = 1
[cores]
data = [1, "two"]
[[port]]
name = "wan"
vdev = "net_null0"
mtu = 100
)");
  STRCMP_EQUAL(
      "b.toml: line 2: name must be text in quotes\n"
      "b.toml: line 5: [memory] megabytes must be a whole number from 64 to 1048576\n"
      "b.toml: line 7: [cores] data must be a list; each item must be a whole number from 0 to 1023\n"
      "b.toml: line 11: [[port]] wan mtu must be a whole number from 1280 to 9000\n"
      "b.toml: line 3: colour is not a key of a board: known here are boot, console, cores, description, "
      "dmi, "
      "extends, led, management, memory, model, name, panel, port, seen_on_hardware, sensor, tpm, vendor, "
      "watchdog\n",
      lines.c_str());
}

TEST(Board, says_what_a_whole_board_lacks) {
  STRCMP_EQUAL(
      "b.toml: name is missing: give the board a name\n"
      "b.toml: [cores] data is missing: name at least one core, as in data = [1]\n"
      "b.toml: [[port]] is missing: a board has at least one port\n",
      faults("description = \"nothing\"").c_str());
}

TEST(Board, text_that_is_not_toml_is_told_with_its_line) {
  const auto lines = faults("name = \"x\"\n[cores\n");
  STRCMP_CONTAINS("b.toml: line 2: ", lines.c_str());
  CHECK_EQUAL(lines.size() - 1, lines.find('\n'));
}

TEST(Board, a_core_twice_is_a_fault) {
  STRCMP_CONTAINS("[cores] data names core 1 twice", faults(with("[1, 2]", "[1, 1]")).c_str());
}

TEST(Board, a_port_without_a_name_is_a_fault) {
  STRCMP_CONTAINS("[[port]] 1 name is missing", faults(with("name = \"wan\"", "mtu = 1500")).c_str());
}

TEST(Board, a_name_is_letters_digits_and_dashes) {
  STRCMP_CONTAINS("b.toml: line 2: name may hold letters",
                  faults(with("name = \"test\"", "name = \"te st\"")).c_str());
  STRCMP_CONTAINS("[[port]] w/n name may hold letters", faults(with("\"wan\"", "\"w/n\"")).c_str());
}

// Found by fuzzing.
TEST(Board, a_line_end_in_a_name_or_key_does_not_split_a_fault) {
  const auto lines = faults(with("name = \"wan\"", "name = \"w\\n\"\n\"k\\ne\" = 1"));
  STRCMP_EQUAL(
      "b.toml: line 11: [[port]] w? name has a control character in it: remove it\n"
      "b.toml: line 12: [[port]] w? k?e is not a key of a board: known here are checksum_offload, "
      "descriptors, "
      "exception_tap, label, mtu, name, pci, queues, vdev\n",
      lines.c_str());
}

TEST(Board, a_port_without_a_device_is_a_fault) {
  STRCMP_CONTAINS("[[port]] lan has no device: add pci", faults(with("pci = \"0000:03:00.1\"", "")).c_str());
}

TEST(Board, pci_and_vdev_together_are_a_fault) {
  STRCMP_CONTAINS("[[port]] lan pci and vdev exclude each other",
                  faults(with("pci = ", "vdev = \"net_null0\"\npci = ")).c_str());
}

TEST(Board, a_pci_address_has_its_form) {
  for (const auto* wrong :
       {"03:00.1", "0000:03:00.8", "0000:03:00", "0000:03:00.1 ", "0000:0G:00.1", "0000:AB:00.1"}) {
    STRCMP_CONTAINS("[[port]] lan pci must be \"auto\" or an address",
                    faults(with("0000:03:00.1", wrong)).c_str());
  }
}

TEST(Board, a_device_string_that_is_no_network_device_is_a_fault) {
  STRCMP_CONTAINS("[[port]] wan vdev must be a DPDK device string",
                  faults(with("net_af_packet0,", "crypto_null0,")).c_str());
}

TEST(Board, two_ports_on_one_device_are_a_fault) {
  STRCMP_CONTAINS("[[port]] lan uses device net_af_packet0, which port wan has already",
                  faults(with("pci = \"0000:03:00.1\"", "vdev = \"net_af_packet0,iface=b\"")).c_str());
}

TEST(Board, more_queues_than_data_cores_are_a_fault) {
  STRCMP_CONTAINS("[[port]] lan queues is more than there are data cores: at most 2",
                  faults(with("queues = 1", "queues = 3")).c_str());
}

TEST(Board, the_tap_has_to_be_an_interface_name) {
  STRCMP_CONTAINS("[[port]] lan exception_tap must be an interface name",
                  faults(with("pk-lan", "a/b")).c_str());
  STRCMP_CONTAINS("at most 15 characters", faults(with("pk-lan", "a23456789012345x")).c_str());
}

TEST(Board, extending_itself_is_a_fault_and_ends) {
  STRCMP_CONTAINS("extends goes more than 4 boards deep, or round in a circle",
                  faults("extends = \"loop\"\nname = \"x\"").c_str());
}

TEST(Board, an_unknown_parent_is_a_fault) {
  STRCMP_EQUAL("b.toml: extends board nowhere does not exist\n", faults("extends = \"nowhere\"").c_str());
}

TEST(Board, a_name_cannot_climb_out_of_the_boards_folder) {
  const auto board = board::load("..", "/etc");
  CHECK_FALSE(board.has_value());
  STRCMP_CONTAINS("\"..\" is not a board's name", board.error().front().reason.c_str());
}

TEST(Board, a_missing_file_is_one_clear_fault) {
  const auto board = board::load("/nowhere/board.toml", "/nowhere");
  CHECK_FALSE(board.has_value());
  STRCMP_EQUAL("board: file /nowhere/board.toml does not exist", board.error().front().reason.c_str());
}

TEST(Board, a_file_may_extend_a_board_of_the_tree) {
  const auto path =
      std::filesystem::temp_directory_path() / ("board-test-" + std::to_string(std::rand()) + ".toml");
  std::ofstream(path)
      << "extends = \"lab\"\nname = \"mine\"\n[[port]]\nname = \"wan\"\nvdev = \"net_tap0,iface=t0\"\n";
  const auto board = board::load(path.string(), POSTERN_BOARDS);
  std::filesystem::remove(path);
  if (!board) FAIL(board.error().front().reason.c_str());
  STRCMP_EQUAL("mine", board->name.c_str());
  STRCMP_EQUAL("net_tap0,iface=t0", board->ports[0].device.c_str());
  STRCMP_CONTAINS("iface=lan0", board->ports[1].device.c_str());
}

TEST(Board, every_board_of_the_tree_reads_without_a_fault) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(POSTERN_BOARDS)) {
    if (!entry.is_directory()) continue;
    const auto name = entry.path().filename().string();
    const auto board = board::load(name, POSTERN_BOARDS);
    if (!board) FAIL(board.error().front().reason.c_str());
    STRCMP_EQUAL(name.c_str(), board->name.c_str());
    CHECK_TRUE(std::filesystem::exists(entry.path() / "README.md"));
    ++count;
  }
  CHECK_TRUE(count >= 7);
}

TEST(Board, faults_of_the_whole_tell_their_line_too) {
  const auto lines = faults(with("[1, 2]", "[1, 1]"));
  STRCMP_CONTAINS("b.toml: line 7: [cores] data names core 1 twice", lines.c_str());
}

TEST(Board, reads_lights_sensors_and_the_way_it_boots) {
  const auto board = good(std::string(kGood) + R"(
[dmi]
product = "P"
[console]
uart = "ttyS1"
baud = 19200
[boot]
iommu = "intel"
modules = ["a", "b"]
[watchdog]
driver = "softdog"
[panel]
kind = "hd44780"
device = "/dev/ttyS2"
[[led]]
name = "status"
device = "x:green:1"
[[sensor]]
name = "cpu"
chip = "coretemp"
input = "temp1"
high = 80
critical = 90
)");
  STRCMP_EQUAL("P", board.identity.products[0].c_str());
  CHECK_EQUAL(19200u, board.console.baud);
  STRCMP_EQUAL("intel", board.boot.iommu.c_str());
  CHECK_EQUAL(2, board.boot.modules.size());
  STRCMP_EQUAL("softdog", board.watchdog.driver.c_str());
  STRCMP_EQUAL("/dev/ttyS2", board.panel.device.c_str());
  STRCMP_EQUAL("x:green:1", board.leds[0].device.c_str());
  CHECK_EQUAL(90, board.sensors[0].critical);
}

TEST(Board, every_fault_of_the_devices_is_told_with_its_line_and_what_is_right) {
  STRCMP_EQUAL(
      "b.toml: line 21: [management] name is the name of a packet port: give each port its own\n"
      "b.toml: line 23: [boot] binding vfio-pci needs an IOMMU: set iommu = \"intel\" or \"amd\", or binding "
      "= "
      "\"auto\"\n"
      "b.toml: line 24: [[led]] status has no device: name a folder of /sys/class/leds\n"
      "b.toml: line 29: [[sensor]] cpu input must be an input of the chip: temp1, fan2, in0\n"
      "b.toml: line 31: [[sensor]] cpu critical is less than high: it is the worse of the two\n",
      faults(std::string(kGood) +
             "[management]\nname = \"wan\"\n[boot]\nbinding = \"vfio-pci\"\n[[led]]\nname = \"status\"\n"
             "[[sensor]]\nname = \"cpu\"\nchip = \"c\"\ninput = \"../x\"\nhigh = 9\ncritical = 8\n")
          .c_str());
}

TEST(Board, a_word_that_is_no_choice_is_told_with_the_choices) {
  STRCMP_CONTAINS("[boot] iommu must be one of: none intel amd",
                  faults(std::string(kGood) + "[boot]\niommu = \"maybe\"\n").c_str());
}
