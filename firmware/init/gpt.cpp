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
