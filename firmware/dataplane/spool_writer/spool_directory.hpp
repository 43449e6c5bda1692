// The directory of a spool as the data plane owns it: made, locked, with its salt.
//
// Holds: one process at a time has it, only its owner can read it (0700), and the salt in it does not change.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/spool/spool.hpp"
#include "platform/base/result.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::dataplane {

class SpoolDirectory {
 public:
  // Makes what is missing, takes the lock, reads the salt. Refuses where a shard beyond `shards` has mail.
  static Result<SpoolDirectory, Fault> open(const std::string& path, std::size_t shards);

  const std::string& path() const { return path_; }
  std::uint64_t salt() const { return salt_; }

  // Feeds a shard's segments to its new spool and says in the log what was damaged.
  Result<void, Fault> recover(std::size_t shard, spool::Spool& spool, Now now) const;

 private:
  SpoolDirectory(std::string path, process::Descriptor lock, std::uint64_t salt)
      : path_(std::move(path)), lock_(std::move(lock)), salt_(salt) {}

  std::string path_;
  process::Descriptor lock_;
  std::uint64_t salt_;
};

}  // namespace postern::dataplane
