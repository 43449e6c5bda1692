#include "firmware/init/ports.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "firmware/init/system.hpp"

namespace postern::init {

namespace {

namespace fs = std::filesystem;
const std::string kDevices = "/sys/bus/pci/devices/";

PortFacts facts_of(const std::string& pci) {
  std::error_code failed;
  const auto lockdown = read_file("/sys/kernel/security/lockdown", 128);
  return {.iommu = fs::exists(kDevices + pci + "/iommu_group", failed),
          .lockdown = lockdown && lockdown->find("[none]") == std::string::npos};
}

std::string driver_of(const std::string& pci) {
  std::error_code failed;
  const auto target = fs::read_symlink(kDevices + pci + "/driver", failed);
  return failed ? "" : target.filename().string();
}

bool bind_to(const std::string& pci, const std::string& driver) {
  if (driver_of(pci) == driver) return true;
  if (!driver_of(pci).empty()) (void)write_file(kDevices + pci + "/driver/unbind", pci);
  (void)write_file(kDevices + pci + "/driver_override", driver);
  (void)write_file("/sys/bus/pci/drivers_probe", pci);
  return driver_of(pci) == driver;
}

// Back to the driver that the kernel would have taken; the interface's name, empty where none appears.
std::string give_to_kernel(const std::string& pci) {
  if (!driver_of(pci).empty()) (void)write_file(kDevices + pci + "/driver/unbind", pci);
  (void)write_file(kDevices + pci + "/driver_override", "\n");
  (void)write_file("/sys/bus/pci/drivers_probe", pci);
  std::string name;
  wait_until(
      [&] {
        std::error_code failed;
        for (const auto& entry : fs::recursive_directory_iterator(kDevices + pci + "/", failed)) {
          if (entry.path().parent_path().filename() == "net") name = entry.path().filename().string();
        }
        return !name.empty();
      },
      std::chrono::seconds(5));
  return name;
}

// Network devices in the order of their addresses that nobody named.
std::vector<std::string> unnamed_nics(const board::Board& board) {
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(kDevices, failed)) {
    const auto pci = entry.path().filename().string();
    const auto kind = read_file(entry.path().string() + "/class", 16);
    const bool named =
        pci == board.management.pci ||
        std::any_of(board.ports.begin(), board.ports.end(), [&](const auto& p) { return p.device == pci; });
    if (kind && kind->starts_with("0x0200") && !named) found.push_back(pci);
  }
  std::sort(found.begin(), found.end());
  // With management on "auto" the last socket is the people's.
  if (board.management.pci == "auto" && !found.empty()) found.pop_back();
  return found;
}

std::string port_text(const board::Port& port, const std::string& key, const std::string& value) {
  return "\n[[port]]\nname = \"" + port.name + "\"\n" + key + " = \"" + value + "\"\n";
}

std::string bind_port(const board::Port& port, const std::string& pci, const std::string& wish) {
  const auto facts = facts_of(pci);
  auto binding = choose_binding(wish, facts);
  if (binding == Binding::vfio && bind_to(pci, "vfio-pci")) {
    say("port " + port.name + " " + pci + ": vfio-pci behind the IOMMU");
    return port_text(port, "pci", pci);
  }
  if (binding != Binding::kernel && !facts.lockdown && bind_to(pci, "uio_pci_generic")) {
    say("PORT " + port.name + " " + pci +
        " WITHOUT AN IOMMU: uio_pci_generic; the card can reach all memory. "
        "Switch VT-d or AMD-Vi on in the firmware's set-up.");
    return port_text(port, "pci", pci);
  }
  const auto interface = give_to_kernel(pci);
  if (interface.empty()) {
    say("PORT " + port.name + " " + pci + " HAS NO DRIVER AT ALL: there will be no link on it");
    return port_text(port, "pci", pci);
  }
  say("PORT " + port.name + " " + pci + " GOES THROUGH THE KERNEL'S DRIVER (" + interface +
      ", af_xdp): much slower. Switch VT-d or AMD-Vi on in the firmware's set-up.");
  return port_text(port, "vdev", "net_af_xdp_" + port.name + ",iface=" + interface);
}

}  // namespace

Binding choose_binding(const std::string& wish, const PortFacts& facts) {
  if (wish == "uio_pci_generic" && !facts.lockdown) return Binding::uio;
  if (facts.iommu) return Binding::vfio;
  return facts.lockdown ? Binding::kernel : Binding::uio;
}

std::string bind_ports(const board::Board& board) {
  std::string text = "extends = \"" + board.name + "\"\nname = \"" + board.name + "\"\n";
  auto unnamed = unnamed_nics(board);
  for (const auto& port : board.ports) {
    if (port.kind != board::Port::Kind::pci) {
      text += port_text(port, "vdev", port.device);
      continue;
    }
    auto pci = port.device;
    if (pci == "auto" && !unnamed.empty()) {
      pci = unnamed.front();
      unnamed.erase(unnamed.begin());
    }
    text += pci == "auto" ? port_text(port, "pci", pci) : bind_port(port, pci, board.boot.binding);
  }
  return text;
}

}  // namespace postern::init
