// What is soldered, as data: ports in order, core map, memory, console, watchdog, lights, sensors, disk, and
// how the machine names itself. Read once at start from boards/<name>/board.toml.
//
// A board that reads without a fault is complete and consistent in itself; whether this machine has what it
// names is checked by platform/eal. All faults of a file are reported together, one line each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/result.hpp"

namespace postern::board {

// One network port of the packet path, in the order the settings number them.
struct Port {
  enum class Kind : std::uint8_t { pci, vdev };

  std::string name;  // as on the case and in the settings
  Kind kind = Kind::pci;
  std::string device;                // PCI address, "auto" (the next unnamed PCI port), or a DPDK vdev string
  std::uint16_t mtu = 1500;          // bytes of IP packet
  std::uint16_t queues = 0;          // 0: one per data core
  std::uint16_t descriptors = 1024;  // of each receive and each transmit queue
  bool checksum_offload = true;      // false where a device promises checksums that it does not do
  std::string exception_tap;         // kernel interface for frames that are not ours; empty: none
  std::string label;                 // what stands beside the socket on the case

  // What DPDK calls the device: the PCI address, or the vdev string up to its first comma.
  std::string_view device_name() const;
  // The value of one argument of a vdev string ("iface"), or nothing.
  std::string_view device_argument(std::string_view key) const;
};

struct Memory {
  bool hugepages = true;
  std::uint32_t megabytes = 512;
};

struct Cores {
  std::vector<std::uint16_t> data;  // one Shard each
  std::uint16_t spool_writer = 0;
  std::uint16_t housekeeping = 0;
};

// How the machine names itself (DMI, SMBIOS). An empty list says nothing; of a list any one text fits.
struct Identity {
  std::vector<std::string> vendors;   // sys_vendor
  std::vector<std::string> products;  // product_name
  std::vector<std::string> boards;    // board_name
  bool fallback = false;              // taken where no board fits
};

// The port that people use; the kernel keeps it.
struct Management {
  std::string pci = "auto";  // an address, or "auto": the first network device that no port above names
  std::string name = "mgmt";
  std::string label;
};

struct Console {
  std::string uart = "ttyS0";
  std::uint32_t baud = 115200;
};

// How it boots, and what the kernel is told and given.
struct Boot {
  std::string method = "uefi";
  std::string iommu = "none";    // intel, amd or none
  std::string binding = "auto";  // vfio-pci, uio_pci_generic, or auto: the best the machine can
  std::string disk = "auto";     // where the image is installed; auto: the only one that is not removable
  std::uint32_t smallest_disk_gb = 4;
  std::vector<std::string> modules;  // kernel modules this board needs besides the common ones
  std::vector<std::string>
      kernel;  // words for the kernel's command line besides those that follow from above
};

struct Watchdog {
  std::string driver;  // kernel module; empty: none is known
  std::string device = "/dev/watchdog0";
  std::uint32_t seconds = 60;
};

struct Tpm {
  bool fitted = false;  // soldered, or plugged in on every box of this kind
  std::string device = "/dev/tpmrm0";
};

struct Led {
  std::string name;    // status, mail, fault
  std::string device;  // below /sys/class/leds
};

struct Panel {
  std::string kind = "none";  // none, or hd44780: a character display behind a serial line
  std::string device;
  std::uint32_t baud = 19200;
  std::uint32_t columns = 16;
  std::uint32_t rows = 2;
};

struct Sensor {
  std::string name;
  std::string chip;   // the text in hwmon*/name
  std::string input;  // temp1, fan2, in0
  std::int32_t low = 0;
  std::int32_t high = 0;  // degrees, turns per minute, millivolts; 0: no limit
  std::int32_t critical = 0;
};

struct Board {
  std::string name;
  std::string description;
  std::string vendor;
  std::string model;
  std::string source;             // the file it was read from
  bool seen_on_hardware = false;  // false: written from documents, not tried on the machine itself
  Identity identity;
  Memory memory;
  Cores cores;
  std::vector<Port> ports;
  Management management;
  Console console;
  Boot boot;
  Watchdog watchdog;
  Tpm tpm;
  Panel panel;
  std::vector<Led> leds;
  std::vector<Sensor> sensors;
};

using Faults = std::vector<Fault>;

// Where boards come from and where `extends` looks: <root>/<name>/board.toml.
// `name_or_file` with a slash or ending in ".toml" is a file, anything else a board's name.
Result<Board, Faults> load(std::string_view name_or_file, const std::filesystem::path& root);

// The same from text, for tests and tools. `read_parent` gives a board's text by name.
using ReadBoard = std::function<Result<std::string, Fault>(std::string_view name)>;
Result<Board, Faults> parse(std::string_view text, std::string_view source, const ReadBoard& read_parent);

// How many queue pairs a port is opened with: its own number, or one for each data core.
std::uint16_t queue_count(const Board& board, const Port& port);

}  // namespace postern::board
