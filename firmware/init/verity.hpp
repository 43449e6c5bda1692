// Opens a root filesystem behind dm-verity, by the kernel's device-mapper interface.
//
// What always holds: the root hash is the caller's (it came signed with the kernel); of what lies on the disk
// only sizes and the salt are believed, and a wrong one of these makes every block fail.
#pragma once

#include <string>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"

namespace postern::init {

struct VeritySuperblock {
  std::uint32_t data_block = 0;
  std::uint32_t hash_block = 0;
  std::uint64_t data_blocks = 0;
  std::string algorithm;
  std::string salt;  // hexadecimal
};

// As veritysetup writes it (cryptsetup's dm-verity on-disk format, version 1).
Result<VeritySuperblock, Fault> read_verity_superblock(Bytes raw);

// The line that the kernel's verity target takes (Linux Documentation/admin-guide/device-mapper/verity.rst).
std::string verity_table(const VeritySuperblock& superblock, const std::string& device, std::uint64_t offset,
                         const std::string& root_hash);

// Makes /dev/mapper-less device `name` on `device`, whose superblock lies at `offset`; returns its path.
Result<std::string, Fault> open_verity(const std::string& name, const std::string& device,
                                       std::uint64_t offset, const std::string& root_hash);

}  // namespace postern::init
