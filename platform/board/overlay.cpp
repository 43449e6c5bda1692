// The sections of a board file, key by key.
#include "platform/board/overlay.hpp"

#include <algorithm>

namespace postern::board {
namespace {

constexpr std::size_t kLongestName = 32;
constexpr std::size_t kLongestText = 512;
constexpr std::size_t kMostItems = 32;
constexpr std::int64_t kMostCores = 1023;

// An entry of the parent is changed; a name not seen yet is one more entry.
template <typename T>
T& entry_named(std::vector<T>& list, const std::string& name) {
  const auto found = std::ranges::find(list, name, &T::name);
  if (found != list.end()) return *found;
  list.emplace_back().name = name;
  return list.back();
}

void read_identity(Reader& reader, Identity& identity) {
  reader.texts("vendor", identity.vendors, kMostItems, kLongestText);
  reader.texts("product", identity.products, kMostItems, kLongestText);
  reader.texts("board", identity.boards, kMostItems, kLongestText);
  reader.flag("fallback", identity.fallback);
}

void read_memory(Reader& reader, Memory& memory) {
  reader.flag("hugepages", memory.hugepages);
  reader.number("megabytes", memory.megabytes, 64, 1024 * 1024);
}

void read_cores(Reader& reader, Cores& cores) {
  reader.numbers("data", cores.data, 0, kMostCores);
  reader.number("spool_writer", cores.spool_writer, 0, kMostCores);
  reader.number("housekeeping", cores.housekeeping, 0, kMostCores);
}

void read_management(Reader& reader, Management& management) {
  reader.text("pci", management.pci, kLongestName);
  reader.text("name", management.name, kLongestName);
  reader.text("label", management.label, kLongestText);
}

void read_console(Reader& reader, Console& console) {
  reader.text("uart", console.uart, kLongestName);
  reader.number("baud", console.baud, 9600, 115200);
}

void read_boot(Reader& reader, Boot& boot) {
  reader.choice("method", boot.method, "uefi");
  reader.choice("iommu", boot.iommu, "none intel amd");
  reader.choice("binding", boot.binding, "auto vfio-pci uio_pci_generic");
  reader.text("disk", boot.disk, kLongestText);
  reader.number("smallest_disk_gb", boot.smallest_disk_gb, 1, 1024);
  reader.texts("modules", boot.modules, kMostItems, kLongestName);
  reader.texts("kernel", boot.kernel, kMostItems, kLongestText);
}

void read_watchdog(Reader& reader, Watchdog& watchdog) {
  reader.text("driver", watchdog.driver, kLongestName);
  reader.text("device", watchdog.device, kLongestText);
  reader.number("seconds", watchdog.seconds, 10, 600);
}

void read_tpm(Reader& reader, Tpm& tpm) {
  reader.flag("fitted", tpm.fitted);
  reader.text("device", tpm.device, kLongestText);
}

void read_panel(Reader& reader, Panel& panel) {
  reader.choice("kind", panel.kind, "none hd44780");
  reader.text("device", panel.device, kLongestText);
  reader.number("baud", panel.baud, 1200, 115200);
  reader.number("columns", panel.columns, 8, 40);
  reader.number("rows", panel.rows, 1, 4);
}

void read_led(Reader& reader, Led& led) {
  reader.text("device", led.device, kLongestText);
}

void read_sensor(Reader& reader, Sensor& sensor) {
  reader.text("chip", sensor.chip, kLongestName);
  reader.text("input", sensor.input, kLongestName);
  reader.number("low", sensor.low, -1'000'000, 1'000'000);
  reader.number("high", sensor.high, 0, 1'000'000);
  reader.number("critical", sensor.critical, 0, 1'000'000);
}

void read_device(Reader& reader, Port& port) {
  if (reader.has("pci") && reader.has("vdev"))
    reader.complain("pci", "and vdev exclude each other: keep one");
  if (reader.has("pci")) port.kind = Port::Kind::pci;
  if (reader.has("vdev")) port.kind = Port::Kind::vdev;
  reader.text("pci", port.device, kLongestText);
  reader.text("vdev", port.device, kLongestText);
}

void read_port(Reader& reader, Port& port) {
  read_device(reader, port);
  reader.number("mtu", port.mtu, 1280, 9000);  // RFC 8200 §5: IPv6 needs 1280
  reader.number("queues", port.queues, 1, 64);
  reader.number("descriptors", port.descriptors, 64, 8192);
  reader.flag("checksum_offload", port.checksum_offload);
  reader.text("exception_tap", port.exception_tap, kLongestText);
  reader.text("label", port.label, kLongestText);
}

// One file over what its parents said.
class Overlay {
 public:
  Overlay(Board& board, std::string source, Faults& faults, Lines& lines)
      : board_(board), source_(std::move(source)), faults_(faults), lines_(lines) {}

  void read(const toml::table& root) {
    Reader reader(root, source_, "", faults_, lines_);
    std::string extends;
    reader.text("extends", extends, kLongestName);
    reader.text("name", board_.name, kLongestName);
    reader.text("description", board_.description, kLongestText);
    reader.text("vendor", board_.vendor, kLongestText);
    reader.text("model", board_.model, kLongestText);
    reader.flag("seen_on_hardware", board_.seen_on_hardware);
    board_.identity = {};  // a sibling is another machine: it says itself how it is known
    section(reader, "dmi", board_.identity, read_identity);
    section(reader, "memory", board_.memory, read_memory);
    section(reader, "cores", board_.cores, read_cores);
    section(reader, "management", board_.management, read_management);
    section(reader, "console", board_.console, read_console);
    section(reader, "boot", board_.boot, read_boot);
    section(reader, "watchdog", board_.watchdog, read_watchdog);
    section(reader, "tpm", board_.tpm, read_tpm);
    section(reader, "panel", board_.panel, read_panel);
    entries(reader, "port", board_.ports, read_port);
    entries(reader, "led", board_.leds, read_led);
    entries(reader, "sensor", board_.sensors, read_sensor);
    reader.finish();
  }

 private:
  template <typename T>
  void section(Reader& reader, std::string_view key, T& part, void (*read_part)(Reader&, T&)) {
    const auto* table = reader.table(key);
    if (table == nullptr) return;
    Reader inner(*table, source_, "[" + std::string(key) + "]", faults_, lines_);
    read_part(inner, part);
    inner.finish();
  }

  template <typename T>
  void entries(Reader& reader, std::string_view key, std::vector<T>& list, void (*read_entry)(Reader&, T&)) {
    const auto* array = reader.array(key);
    if (array == nullptr) return;
    const auto kind = "[[" + std::string(key) + "]]";
    std::size_t number = 0;
    for (const auto& node : *array) {
      const auto place = kind + " " + std::to_string(++number);
      if (const auto* table = node.as_table()) {
        entry(*table, kind, place, list, read_entry);
      } else {
        faults_.push_back(Fault{source_ + ": " + place + " must be a table: write " + kind});
      }
    }
  }

  template <typename T>
  void entry(const toml::table& table, const std::string& kind, std::string place, std::vector<T>& list,
             void (*read_entry)(Reader&, T&)) {
    std::string name;
    if (const auto* node = table.get("name"); node != nullptr && node->is_string()) {
      name = node->as_string()->get();
      if (name.size() <= kLongestName) place = kind + " " + name;
    }
    Reader reader(table, source_, place, faults_, lines_);
    const auto complaints = faults_.size();
    reader.text("name", name, kLongestName);
    if (name.empty() && faults_.size() == complaints)
      reader.complain("name", "is missing: give the " + kind.substr(2, kind.size() - 4) + " a name");
    read_entry(reader, entry_named(list, name));
    reader.finish();
  }

  Board& board_;
  std::string source_;
  Faults& faults_;
  Lines& lines_;
};

}  // namespace

void overlay(Board& board, const toml::table& root, std::string source, Faults& faults, Lines& lines) {
  Overlay(board, std::move(source), faults, lines).read(root);
}

}  // namespace postern::board
