#include "firmware/init/gpt.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>

#include "firmware/init/system.hpp"

namespace postern::init {

namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kTableBytes = 34 * kSector;
constexpr std::array kOurNames{"esp", "root-a", "root-b", "state", "data"};

std::uint32_t le32(Bytes from) {
  return static_cast<std::uint32_t>(from[0]) | static_cast<std::uint32_t>(from[1]) << 8 |
         static_cast<std::uint32_t>(from[2]) << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

std::uint32_t crc32(Bytes data, std::size_t zero_from = 0, std::size_t zero_to = 0) {
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 0; i < data.size(); ++i) {
    crc ^= i >= zero_from && i < zero_to ? 0U : static_cast<std::uint8_t>(data[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

// UEFI 2.10 Appendix A: the first three groups are little-endian.
std::string uuid_text(Bytes raw) {
  constexpr std::array<std::size_t, 16> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::string text;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02X", static_cast<unsigned>(raw[kOrder[i]]));
    text += two.data();
  }
  return text;
}

// Names are UTF-16; ours are ASCII, others only have to differ.
std::string name_text(Bytes raw) {
  std::string text;
  for (std::size_t i = 0; i + 1 < raw.size(); i += 2) {
    const auto low = static_cast<char>(raw[i]);
    if (low == 0 && raw[i + 1] == 0) break;
    text += raw[i + 1] == 0 ? low : '?';
  }
  return text;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// vda2 or nvme0n1p2
std::string device_of(const std::string& disk, unsigned number) {
  const bool digit = std::isdigit(static_cast<unsigned char>(disk.back())) != 0;
  return "/dev/" + disk + (digit ? "p" : "") + std::to_string(number);
}

}  // namespace

Result<std::vector<Partition>, Fault> read_gpt(Bytes sectors) {
  if (sectors.size() < kTableBytes) return fault("the disk is too small for a partition table");
  const auto header = sectors.subspan(kSector, kSector);
  constexpr std::string_view kSignature = "EFI PART";
  if (!std::equal(kSignature.begin(), kSignature.end(), header.begin(), [](char a, auto b) {
        return static_cast<std::uint8_t>(a) == static_cast<std::uint8_t>(b);
      }))
    return fault("no partition table (GPT)");
  const auto size = le32(header.subspan(12));
  if (size < 92 || size > kSector || crc32(header.first(size), 16, 20) != le32(header.subspan(16)))
    return fault("the partition table's header is damaged");
  const std::size_t count = le32(header.subspan(80)), each = le32(header.subspan(84));
  if (each < 128 || each > kSector || count == 0 || count > (kTableBytes - 2 * kSector) / each)
    return fault("the partition table has an odd size");
  const auto entries = sectors.subspan(2 * kSector, count * each);
  if (crc32(entries) != le32(header.subspan(88))) return fault("the partition table's entries are damaged");
  std::vector<Partition> found;
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = entries.subspan(i * each, each);
    if (std::all_of(entry.begin(), entry.begin() + 16,
                    [](auto b) { return static_cast<std::uint8_t>(b) == 0; }))
      continue;
    found.push_back(
        {name_text(entry.subspan(56, 72)), uuid_text(entry.subspan(16, 16)), static_cast<unsigned>(i + 1)});
  }
  return found;
}

namespace {

void put(std::vector<std::uint8_t>& at, std::size_t offset, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) at[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint64_t le64(Bytes from) {
  return le32(from) | static_cast<std::uint64_t>(le32(from.subspan(4))) << 32;
}

// A header's own sum, over itself with that field as zero. UEFI 2.10 §5.3.2
void seal_header(std::vector<std::uint8_t>& sectors, std::size_t header, std::uint32_t size) {
  put(sectors, header + 16, crc32(Bytes(sectors).subspan(header, size), 16, 20), 4);
}

// The entry that ends last.
std::size_t last_entry(Bytes entries, std::size_t each) {
  std::size_t last = 0;
  for (std::size_t at = 0; at + each <= entries.size(); at += each) {
    if (le64(entries.subspan(at + 40)) > le64(entries.subspan(last + 40))) last = at;
  }
  return last;
}

}  // namespace

Result<std::optional<Grown>, Fault> grow_last(Bytes front, std::uint64_t disk_sectors) {
  if (const auto sound = read_gpt(front); !sound) return fault(sound.error().reason);
  constexpr std::uint64_t kMib = 2048, kCopy = kTableBytes / kSector - 1;
  const auto header = front.subspan(kSector, kSector);
  if (le64(header.subspan(32)) + kMib >= disk_sectors) return std::optional<Grown>();
  const std::size_t each = le32(header.subspan(84)), count = le32(header.subspan(80));
  const auto size = le32(header.subspan(12));
  Grown grown;
  grown.front.assign(front.begin(), front.begin() + kTableBytes);
  auto& made = grown.front;
  const auto entry = 2 * kSector + last_entry(front.subspan(2 * kSector, count * each), each);
  const auto end = (disk_sectors - kCopy) / kMib * kMib - 1;
  grown.name = name_text(front.subspan(entry + 56, 72));
  grown.number = static_cast<unsigned>((entry - 2 * kSector) / each + 1);
  grown.start = le64(front.subspan(entry + 32));
  grown.sectors = end - grown.start + 1;
  put(made, entry + 40, end, 8);
  put(made, 0x1be + 12, std::min<std::uint64_t>(disk_sectors - 1, 0xffffffff), 4);
  put(made, kSector + 32, disk_sectors - 1, 8);
  put(made, kSector + 48, disk_sectors - kCopy - 1, 8);
  put(made, kSector + 88, crc32(Bytes(made).subspan(2 * kSector, count * each)), 4);
  seal_header(made, kSector, size);
  // The copy lies the other way round, and says where it is itself.
  grown.back_sector = disk_sectors - kCopy;
  grown.back.assign(made.begin() + 2 * kSector, made.end());
  grown.back.insert(grown.back.end(), made.begin() + kSector, made.begin() + 2 * kSector);
  const auto copy = grown.back.size() - kSector;
  put(grown.back, copy + 24, disk_sectors - 1, 8);
  put(grown.back, copy + 32, 1, 8);
  put(grown.back, copy + 72, grown.back_sector, 8);
  seal_header(grown.back, copy, size);
  return std::optional(std::move(grown));
}

Result<Disk, Fault> find_disk(std::string_view esp_uuid) {
  std::error_code failed;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block", failed))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    const auto sectors = read_file("/dev/" + name, kTableBytes);
    if (!sectors) continue;
    const auto partitions =
        read_gpt({reinterpret_cast<const std::uint8_t*>(sectors->data()), sectors->size()});
    if (!partitions) continue;
    Disk disk{name, {}};
    bool chosen = false;
    for (const auto& one : *partitions) {
      disk.devices.emplace(one.name, device_of(name, one.number));
      chosen = chosen || one.uuid == upper(esp_uuid);
    }
    const bool whole =
        std::all_of(kOurNames.begin(), kOurNames.end(), [&](auto n) { return disk.devices.contains(n); });
    if (whole && (chosen || esp_uuid.empty())) return disk;
  }
  return fault("no disk with the partitions of Postern" +
               (esp_uuid.empty() ? "" : " and ESP " + std::string(esp_uuid)));
}

}  // namespace postern::init
