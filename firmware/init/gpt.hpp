// Finds the partitions of the disk that was started from. UEFI 2.10 §5.3 (GUID partition table).
//
// What always holds: a table is believed only with its signature and both its checksums right; the numbers in
// it are checked before they are used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::init {

struct Partition {
  std::string name;
  std::string uuid;  // its own, in capital letters
  unsigned number = 0;
};

// From the first sectors of a disk (34 at least, of 512 bytes).
Result<std::vector<Partition>, Fault> read_gpt(Bytes sectors);

// What has to be written so that the table fits a larger disk, with its last partition grown into the rest.
struct Grown {
  std::vector<std::uint8_t> front;  // from sector 0: protective MBR, header, entries
  std::vector<std::uint8_t> back;   // the copy: entries, header
  std::uint64_t back_sector = 0;
  std::string name;  // of the partition
  unsigned number = 0;
  std::uint64_t start = 0, sectors = 0;  // where it lies now
};

// Nothing where the table knows of the whole disk, but for a MiB or less. A fault where it is damaged.
Result<std::optional<Grown>, Fault> grow_last(Bytes front, std::uint64_t disk_sectors);

struct Disk {
  std::string name;                            // vda
  std::map<std::string, std::string> devices;  // partition name -> /dev/vda2
};

// The disk that holds the partition with this UUID; where the firmware named none, the first disk with all
// our names.
Result<Disk, Fault> find_disk(std::string_view esp_uuid);

}  // namespace postern::init
