// Ports: do the interfaces and PCI devices a board names exist, and may DPDK take them?
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "platform/eal/eal.hpp"

namespace postern::eal {
namespace {

namespace fs = std::filesystem;
using board::Port;

constexpr const char* kPciDevices = "/sys/bus/pci/devices";

// "vfio-pci", "e1000e", or nothing where no driver has the device.
std::string pci_driver(const std::string& address) {
  std::error_code error;
  return fs::read_symlink(fs::path(kPciDevices) / address / "driver", error).filename().string();
}

// Drivers under which a process may drive the device; those of Mellanox share it with the kernel.
bool is_user_space_driver(std::string_view driver) {
  constexpr std::array<std::string_view, 5> kDrivers{"vfio-pci", "uio_pci_generic", "igb_uio", "mlx5_core",
                                                     "mlx4_core"};
  return std::ranges::find(kDrivers, driver) != kDrivers.end();
}

// PCI class 0x02: network controller.
bool is_network_device(const fs::path& device) {
  std::string value;
  std::ifstream(device / "class") >> value;
  return value.starts_with("0x02");
}

// The flags of a kernel interface of this network namespace (netdevice(7)), or -1.
int interface_flags(const std::string& name) {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  const int status = ::ioctl(socket, SIOCGIFFLAGS, &request);
  ::close(socket);
  return status == 0 ? static_cast<int>(static_cast<unsigned short>(request.ifr_flags)) : -1;
}

void check_interface(const std::string& where, const Port& port, Faults& faults) {
  const std::string name(port.device_argument("iface"));
  if (name.empty()) {
    faults.push_back(Fault{where + " vdev names no interface: add iface=NAME to it"});
    return;
  }
  const int flags = interface_flags(name);
  if (flags < 0) {
    faults.push_back(Fault{where + " interface " + name + " does not exist in this network namespace: " +
                           "create it, start us in the right namespace, or name another in the board file"});
  } else if ((flags & IFF_UP) == 0) {
    faults.push_back(Fault{where + " interface " + name + " is down: run `ip link set " + name + " up`"});
  }
}

void check_pci(const std::string& where, const std::string& address, Faults& faults) {
  std::error_code error;
  if (!fs::exists(fs::path(kPciDevices) / address, error)) {
    faults.push_back(
        Fault{where + " PCI device " + address + " does not exist: see `dpdk-devbind.py --status-dev net`"});
    return;
  }
  const auto driver = pci_driver(address);
  if (is_user_space_driver(driver)) return;
  faults.push_back(Fault{where + " PCI device " + address +
                         (driver.empty() ? " has no driver" : " belongs to the kernel driver " + driver) +
                         ": run `dpdk-devbind.py --bind=vfio-pci " + address +
                         "` (needs the IOMMU on in the firmware; else uio_pci_generic)"});
}

}  // namespace

std::vector<std::string> pci_candidates() {
  std::vector<std::string> addresses;
  std::error_code error;
  for (const auto& device : fs::directory_iterator(kPciDevices, error)) {
    const auto address = device.path().filename().string();
    if (is_network_device(device.path()) && is_user_space_driver(pci_driver(address)))
      addresses.push_back(address);
  }
  std::ranges::sort(addresses);
  return addresses;
}

std::vector<std::string> resolve_devices(const board::Board& board) {
  auto candidates = pci_candidates();
  for (const auto& port : board.ports) std::erase(candidates, port.device);
  std::vector<std::string> devices;
  auto next = candidates.begin();
  for (const auto& port : board.ports) {
    if (port.kind == Port::Kind::vdev || port.device != "auto") {
      devices.push_back(port.device);
    } else {
      devices.push_back(next != candidates.end() ? *next++ : std::string{});
    }
  }
  return devices;
}

void check_ports(const board::Board& board, Faults& faults) {
  const auto devices = resolve_devices(board);
  for (std::size_t i = 0; i < board.ports.size(); ++i) {
    const auto& port = board.ports[i];
    const auto where = board.source + ": [[port]] " + port.name;
    if (port.kind == Port::Kind::pci && devices[i].empty()) {
      faults.push_back(Fault{where + " finds no PCI network device for pci = \"auto\": bind one with "
                                     "`dpdk-devbind.py --bind=vfio-pci ADDRESS`"});
    } else if (port.kind == Port::Kind::pci) {
      check_pci(where, devices[i], faults);
    } else if (port.device.starts_with("net_af_packet") || port.device.starts_with("net_af_xdp")) {
      check_interface(where, port, faults);
    }
  }
}

}  // namespace postern::eal
