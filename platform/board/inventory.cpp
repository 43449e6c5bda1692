// A board held against the running machine: see the header.
#include "platform/board/inventory.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "platform/board/dmi.hpp"
#include "platform/board/kernel_line.hpp"

namespace postern::board {
namespace {

using std::filesystem::path;
using Weight = Finding::Weight;

std::string first_line(const path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

bool is_there(const path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error);
}

// The highest core of a list like "0-3,8-11"; -1: it cannot be read.
int highest_core(const std::string& list) {
  const auto at = list.find_last_of("-,");
  const auto text = at == std::string::npos ? list : list.substr(at + 1);
  int core = -1;
  std::from_chars(text.data(), text.data() + text.size(), core);
  return core;
}

class Comparison {
 public:
  Comparison(const Board& board, path root) : board_(board), root_(std::move(root)) {}

  std::vector<Finding> run() {
    identity();
    cores();
    memory();
    for (const auto& port : board_.ports) packet_port(port);
    management();
    boot();
    device("watchdog", board_.watchdog.device,
           "no watchdog: a box that hangs stays down. Load module " +
               (board_.watchdog.driver.empty() ? "?" : board_.watchdog.driver));
    if (board_.tpm.fitted) device("TPM", board_.tpm.device, "no TPM: switch it on in the firmware");
    if (board_.panel.kind != "none") device("panel", board_.panel.device, "the panel is not there");
    for (const auto& led : board_.leds) light(led);
    for (const auto& one : board_.sensors) sensor(one);
    return std::move(findings_);
  }

 private:
  void add(Weight weight, std::string text) { findings_.push_back({weight, std::move(text)}); }
  void judge(bool good, const std::string& what, const std::string& otherwise,
             Weight weight = Weight::fault) {
    good ? add(Weight::good, what) : add(weight, otherwise);
  }

  void identity() {
    const auto dmi = read_dmi(root_ / kDmiDirectory.substr(1));
    const auto text = mismatch(board_, dmi);
    const auto& product = dmi.product.empty() ? std::string("a machine without a name") : dmi.product;
    judge(text.empty(), "machine " + product, text, Weight::warning);
  }

  void cores() {
    const auto present = first_line(root_ / "sys/devices/system/cpu/present");
    const auto most = highest_core(present);
    auto wanted = std::max(board_.cores.spool_writer, board_.cores.housekeeping);
    for (const auto core : board_.cores.data) wanted = std::max(wanted, core);
    judge(wanted <= most, "cores " + present,
          "core " + std::to_string(wanted) + " is not there: the machine has cores " + present);
    const auto isolated = first_line(root_ / "sys/devices/system/cpu/isolated");
    judge(
        !isolated.empty(), "isolated cores " + isolated,
        "no core is isolated: other work disturbs the packet cores. The kernel wants: " + kernel_line(board_),
        Weight::warning);
  }

  void memory() {
    const auto wanted = huge_pages(board_);
    if (wanted == 0) return;
    std::uint32_t pages = 0;
    const auto text = first_line(root_ / "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
    std::from_chars(text.data(), text.data() + text.size(), pages);
    judge(pages >= wanted, std::to_string(pages) + " huge pages",
          "too few huge pages: " + std::to_string(pages) + " of " + std::to_string(wanted) +
              " (sysctl vm.nr_hugepages)");
  }

  path pci(const std::string& address) const { return root_ / "sys/bus/pci/devices" / address; }

  std::string driver_of(const std::string& address) const {
    std::error_code error;
    return std::filesystem::read_symlink(pci(address) / "driver", error).filename().string();
  }

  bool is_network(const std::string& address) const {
    return first_line(pci(address) / "class").starts_with("0x02");
  }

  void packet_port(const Port& port) {
    const auto what = "port " + port.name;
    if (port.kind == Port::Kind::vdev || port.device == "auto")
      return add(Weight::good, what + " " + std::string(port.device_name()));
    if (!is_there(pci(port.device)))
      return add(Weight::fault, what + ": there is no device at " + port.device);
    if (!is_network(port.device))
      return add(Weight::fault, what + ": " + port.device + " is no network device");
    const auto driver = driver_of(port.device);
    const bool bound = driver == "vfio-pci" || driver == "uio_pci_generic" || driver.starts_with("mlx");
    judge(bound, what + " at " + port.device + ", bound to " + driver,
          what + " at " + port.device + " is bound to " + (driver.empty() ? "nothing" : driver) +
              ": DPDK needs vfio-pci or uio_pci_generic",
          Weight::warning);
  }

  void management() {
    const auto& port = board_.management;
    if (port.pci == "auto") return;
    judge(is_there(pci(port.pci)) && is_network(port.pci), "management port at " + port.pci,
          "management port: there is no network device at " + port.pci);
  }

  void boot() {
    judge(is_there(root_ / "sys/firmware/efi"), "started by UEFI",
          "not started by UEFI: the image does not start on this firmware", Weight::warning);
    if (board_.boot.iommu == "none") return;
    std::error_code error;
    const bool groups = !std::filesystem::is_empty(root_ / "sys/kernel/iommu_groups", error) && !error;
    judge(groups, "IOMMU " + board_.boot.iommu,
          "the IOMMU is off: switch on VT-d or AMD-Vi in the firmware. Ports fall back to uio_pci_generic",
          Weight::warning);
  }

  void device(const std::string& what, const std::string& file, const std::string& otherwise) {
    judge(is_there(root_ / path(file).relative_path()), what + " " + file, otherwise + " (" + file + ")",
          Weight::warning);
  }

  void light(const Led& led) {
    judge(is_there(root_ / "sys/class/leds" / led.device), "light " + led.name,
          "light " + led.name + ": there is no /sys/class/leds/" + led.device, Weight::warning);
  }

  void sensor(const Sensor& sensor) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "sys/class/hwmon", error)) {
      if (first_line(entry.path() / "name") == sensor.chip &&
          is_there(entry.path() / (sensor.input + "_input")))
        return add(Weight::good, "sensor " + sensor.name);
    }
    add(Weight::warning, "sensor " + sensor.name + ": no chip " + sensor.chip + " with " + sensor.input);
  }

  const Board& board_;
  path root_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> compare(const Board& board, const path& root) {
  return Comparison(board, root).run();
}

}  // namespace postern::board
