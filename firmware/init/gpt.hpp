// Finds the partitions of the disk that was started from. UEFI 2.10 §5.3 (GUID partition table).
//
// What always holds: a table is believed only with its signature and both its checksums right; the numbers in
// it are checked before they are used.
#pragma once

#include <map>
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

struct Disk {
  std::string name;                            // vda
  std::map<std::string, std::string> devices;  // partition name -> /dev/vda2
};

// The disk that holds the partition with this UUID; where the firmware named none, the first disk with all
// our names.
Result<Disk, Fault> find_disk(std::string_view esp_uuid);

}  // namespace postern::init
