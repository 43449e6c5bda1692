// Which board a machine is, and what the kernel has to be told for it.
#include "platform/board/dmi.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "platform/board/kernel_line.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using board::Dmi;

namespace {

// What each machine of the tree says of itself.
const std::map<std::string, Dmi> kMachines{
    {"qemu-q35", {.vendor = "QEMU", .product = "Standard PC (Q35 + ICH9, 2009)"}},
    {"pcengines-apu2", {.vendor = "PC Engines", .product = "apu2", .board = "apu2"}},
    {"pcengines-apu4", {.vendor = "PC Engines", .product = "apu4", .board = "apu4"}},
    {"supermicro-e300", {.vendor = "Supermicro", .product = "Super Server", .board = "X11SDV-4C-TP8F"}},
    {"supermicro-e300-8c",
     {.vendor = "Supermicro", .product = "SYS-E300-9D-8CN8TP", .board = "X11SDV-8C-TP8F"}},
};

board::Chosen chosen(std::string_view name, const Dmi& dmi) {
  auto result = board::choose(name, POSTERN_BOARDS, dmi);
  if (!result) FAIL(result.error().front().reason.c_str());
  return *result;
}

// A folder that is gone with the test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "dmi-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  std::filesystem::path path;
};

std::string board_file(const std::string& name, const std::string& dmi) {
  return "name = \"" + name + "\"\n[dmi]\n" + dmi +
         "\n[cores]\ndata = [1]\n[[port]]\nname = \"wan\"\npci = \"auto\"\n";
}

}  // namespace

TEST_GROUP(Dmi){};

TEST(Dmi, each_machine_is_known_by_its_own_board_and_without_a_warning) {
  for (const auto& [name, machine] : kMachines) {
    const auto board = chosen("auto", machine);
    STRCMP_EQUAL(name.c_str(), board.board.name.c_str());
    STRCMP_EQUAL("", board.notice.c_str());
  }
}

TEST(Dmi, a_machine_nobody_knows_gets_the_generic_board_and_a_warning) {
  const auto board = chosen("auto", {.vendor = "Nobody", .product = "Thing"});
  STRCMP_EQUAL("generic-x86", board.board.name.c_str());
  STRCMP_CONTAINS("no board fits \"Thing\" of \"Nobody\"; generic-x86 is used", board.notice.c_str());
}

TEST(Dmi, a_board_that_was_chosen_and_does_not_fit_is_told) {
  const auto board = chosen("pcengines-apu2", kMachines.at("qemu-q35"));
  STRCMP_EQUAL("pcengines-apu2", board.board.name.c_str());
  STRCMP_CONTAINS(
      "this machine is \"Standard PC (Q35 + ICH9, 2009)\" of \"QEMU\", but board pcengines-apu2 is \"apu2\"",
      board.notice.c_str());
}

TEST(Dmi, a_board_without_an_identity_fits_every_machine_that_chose_it) {
  STRCMP_EQUAL("", chosen("lab", kMachines.at("qemu-q35")).notice.c_str());
}

TEST(Dmi, two_boards_that_fit_equally_are_an_error_that_names_both) {
  const Folder folder;
  folder.write("one/board.toml", board_file("one", "vendor = \"V\""));
  folder.write("two/board.toml", board_file("two", "vendor = \"V\""));
  const auto result = board::choose("auto", folder.path, {.vendor = "V", .product = "P"});
  CHECK_FALSE(result.has_value());
  STRCMP_CONTAINS("boards one and two both fit \"P\" of \"V\"", result.error().front().reason.c_str());
}

TEST(Dmi, the_board_that_agrees_on_more_points_is_taken) {
  const Folder folder;
  folder.write("one/board.toml", board_file("one", "vendor = \"V\""));
  folder.write("two/board.toml", board_file("two", "vendor = \"V\"\nproduct = [\"O\", \"P\"]"));
  const auto result = board::choose("auto", folder.path, {.vendor = "V", .product = "P"});
  CHECK_TRUE(result.has_value());
  STRCMP_EQUAL("two", result->board.name.c_str());
}

TEST(Dmi, a_sibling_does_not_inherit_how_its_parent_is_known) {
  const Folder folder;
  folder.write("one/board.toml", board_file("one", "vendor = \"V\""));
  folder.write("two/board.toml", "extends = \"one\"\nname = \"two\"\n");
  const auto result = board::choose("auto", folder.path, {.vendor = "V"});
  CHECK_TRUE(result.has_value());
  STRCMP_EQUAL("one", result->board.name.c_str());
}

TEST(Dmi, what_the_machine_says_is_read_from_its_files) {
  const Folder folder;
  folder.write("sys_vendor", "PC Engines\n");
  folder.write("product_name", "apu2  \nrest");
  folder.write("board_name", "ap\x01u2\n");
  const auto dmi = board::read_dmi(folder.path);
  STRCMP_EQUAL("PC Engines", dmi.vendor.c_str());
  STRCMP_EQUAL("apu2", dmi.product.c_str());
  STRCMP_EQUAL("apu2", dmi.board.c_str());
  STRCMP_EQUAL("", dmi.serial.c_str());
}

TEST_GROUP(KernelLine){};

TEST(KernelLine, says_console_pages_cores_and_iommu) {
  const auto board = chosen("pcengines-apu2", kMachines.at("pcengines-apu2")).board;
  STRCMP_EQUAL(
      "console=tty0 console=ttyS0,115200n8 default_hugepagesz=2M hugepagesz=2M hugepages=256 "
      "isolcpus=managed_irq,domain,2,3 nohz_full=2,3 rcu_nocbs=2,3 irqaffinity=0 amd_iommu=on iommu=pt "
      "panic=10 oops=panic",
      board::kernel_line(board).c_str());
}

TEST(KernelLine, ordinary_memory_asks_for_no_pages_and_core_0_is_never_isolated) {
  auto board = chosen("lab", {}).board;
  board.cores.data = {0};
  const auto line = board::kernel_line(board);
  CHECK_TRUE(line.find("hugepages") == std::string::npos);
  CHECK_TRUE(line.find("isolcpus") == std::string::npos);
}
