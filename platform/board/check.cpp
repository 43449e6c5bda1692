// The rules a whole board obeys, and the small questions others ask of one.
#include "platform/board/check.hpp"

#include <algorithm>
#include <cctype>

namespace postern::board {
namespace {

constexpr std::size_t kMostPorts = 16;
constexpr std::size_t kLongestName = 32;
constexpr std::size_t kLongestInterface = 15;  // Linux: IFNAMSIZ less the final zero

class Checker {
 public:
  Checker(const Board& board, const Lines& lines, Faults& faults)
      : board_(board), lines_(lines), faults_(faults) {}

  void run() {
    if (board_.name.empty()) {
      complain("name", "is missing: give the board a name");
    } else if (!is_name(board_.name)) {
      complain("name", "may hold letters, digits, - and _ only");
    }
    if (board_.cores.data.size() > 64) complain("[cores] data", "has too many cores: at most 64");
    check_cores();
    if (board_.ports.empty()) complain("[[port]]", "is missing: a board has at least one port");
    if (board_.ports.size() > kMostPorts) complain("[[port]]", "occurs too often: at most 16 ports");
    for (const auto& port : board_.ports) check_port(port);
    check_management();
    check_devices();
  }

 private:
  void complain(const std::string& where, const std::string& what) {
    // The line of the key, or of the section it would stand in.
    auto line = lines_.find(where);
    if (line == lines_.end()) line = lines_.find(where.substr(0, where.rfind(' ')));
    const auto& place = line != lines_.end() ? line->second : board_.source;
    faults_.push_back(Fault{place + ": " + where + " " + what});
  }

  void check_cores() {
    const auto& data = board_.cores.data;
    if (data.empty()) complain("[cores] data", "is missing: name at least one core, as in data = [1]");
    for (auto core = data.begin(); core != data.end(); ++core) {
      if (std::find(data.begin(), core, *core) != core) {
        complain("[cores] data", "names core " + std::to_string(*core) + " twice: each core runs one shard");
      }
    }
  }

  void check_port(const Port& port) {
    const auto where = "[[port]] " + port.name;
    if (!is_name(port.name)) complain(where + " name", "may hold letters, digits, - and _ only");
    check_device(port, where);
    if (port.queues > board_.cores.data.size()) {
      complain(where + " queues", "is more than there are data cores: at most " +
                                      std::to_string(std::max<std::size_t>(board_.cores.data.size(), 1)));
    }
    if (port.exception_tap.size() > kLongestInterface ||
        port.exception_tap.find_first_of("/ %") != std::string::npos) {
      complain(where + " exception_tap",
               "must be an interface name: at most 15 characters, no space, / or %");
    }
  }

  void check_device(const Port& port, const std::string& where) {
    if (port.device.empty()) {
      return complain(where, "has no device: add pci = \"auto\", pci = \"0000:01:00.0\" or vdev = \"...\"");
    }
    if (port.kind == Port::Kind::pci && port.device != "auto" && !is_pci_address(port.device)) {
      return complain(where + " pci", "must be \"auto\" or an address like \"0000:01:00.0\"");
    }
    if (port.kind == Port::Kind::vdev && !port.device.starts_with("net_")) {
      return complain(where + " vdev", "must be a DPDK device string, as in \"net_af_packet0,iface=eth1\"");
    }
    check_unique(port, where);
  }

  void check_unique(const Port& port, const std::string& where) {
    for (const auto& other : board_.ports) {
      if (&other == &port) return;
      if (port.device != "auto" && other.device_name() == port.device_name()) {
        complain(where, "uses device " + std::string(port.device_name()) + ", which port " + other.name +
                            " has already: give each port its own");
      }
    }
  }

  void check_management() {
    const auto& port = board_.management;
    if (port.pci != "auto" && !is_pci_address(port.pci))
      complain("[management] pci", "must be \"auto\" or an address like \"0000:01:00.0\"");
    if (!is_name(port.name)) complain("[management] name", "may hold letters, digits, - and _ only");
    for (const auto& other : board_.ports) {
      if (port.pci != "auto" && other.device == port.pci)
        complain("[management] pci", "is the device of port " + other.name + ": give each port its own");
      if (other.name == port.name)
        complain("[management] name", "is the name of a packet port: give each port its own");
    }
  }

  void check_devices() {
    if (board_.boot.binding == "vfio-pci" && board_.boot.iommu == "none")
      complain("[boot] binding",
               "vfio-pci needs an IOMMU: set iommu = \"intel\" or \"amd\", or binding = \"auto\"");
    for (const auto& led : board_.leds) {
      if (led.device.empty() || led.device.find('/') != std::string::npos)
        complain("[[led]] " + led.name, "has no device: name a folder of /sys/class/leds");
    }
    if (board_.panel.kind != "none" && !board_.panel.device.starts_with("/dev/"))
      complain("[panel] device", "is missing: name a character device, as in \"/dev/ttyS1\"");
    for (const auto& sensor : board_.sensors) check_sensor(sensor);
  }

  void check_sensor(const Sensor& sensor) {
    const auto where = "[[sensor]] " + sensor.name;
    if (sensor.chip.empty()) complain(where + " chip", "is missing: the text of hwmon*/name");
    const bool kind =
        sensor.input.starts_with("temp") || sensor.input.starts_with("fan") || sensor.input.starts_with("in");
    if (!kind || std::isdigit(static_cast<unsigned char>(sensor.input.back())) == 0 ||
        sensor.input.find('/') != std::string::npos)
      complain(where + " input", "must be an input of the chip: temp1, fan2, in0");
    if (sensor.critical != 0 && sensor.critical < sensor.high)
      complain(where + " critical", "is less than high: it is the worse of the two");
  }

  // dddd:bb:dd.f, as Linux writes it in /sys/bus/pci/devices.
  static bool is_pci_address(std::string_view text) {
    constexpr std::string_view kShape = "xxxx:xx:xx.o";
    if (text.size() != kShape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      const bool good = kShape[i] == 'x'   ? std::isxdigit(c) != 0 && std::isupper(c) == 0
                        : kShape[i] == 'o' ? c >= '0' && c <= '7'
                                           : text[i] == kShape[i];
      if (!good) return false;
    }
    return true;
  }

  const Board& board_;
  const Lines& lines_;
  Faults& faults_;
};

}  // namespace

bool is_name(std::string_view text) {
  const auto good = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, good);
}

void check(const Board& board, const Lines& lines, Faults& faults) {
  Checker(board, lines, faults).run();
}

std::string_view Port::device_name() const {
  return std::string_view(device).substr(0, device.find(','));
}

std::string_view Port::device_argument(std::string_view key) const {
  std::string_view rest = device;
  while (true) {
    const auto comma = rest.find(',');
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
    const auto item = rest.substr(0, rest.find(','));
    if (item.size() > key.size() && item.starts_with(key) && item[key.size()] == '=') {
      return item.substr(key.size() + 1);
    }
  }
}

std::uint16_t queue_count(const Board& board, const Port& port) {
  return port.queues != 0 ? port.queues : static_cast<std::uint16_t>(board.cores.data.size());
}

}  // namespace postern::board
