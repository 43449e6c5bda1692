// What the slots' rules need of a disk: two partitions and one directory. Nothing is durable before its sync.
//
// One implementation does it (linux_disk); the tests have a twin that forgets what was not synced.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/bytes.hpp"
#include "platform/base/result.hpp"
#include "platform/slots/names.hpp"

namespace postern::slots {

template <typename T>
using Outcome = Result<T, Fault>;

class Disk {
 public:
  virtual ~Disk() = default;

  virtual Outcome<std::uint64_t> root_size(Slot slot) = 0;
  virtual Outcome<void> write_root(Slot slot, std::uint64_t offset, Bytes bytes) = 0;
  virtual Outcome<void> sync_root(Slot slot) = 0;
  // Exactly that many bytes, from the disk itself where the system lets us ask it.
  virtual Outcome<void> read_root(Slot slot, std::uint64_t offset, MutableBytes into) = 0;

  // Files of EFI/Linux on the ESP.
  virtual Outcome<std::vector<std::string>> list() = 0;
  virtual Outcome<void> create(const std::string& name) = 0;  // empty; replaces
  virtual Outcome<void> append(const std::string& name, Bytes bytes) = 0;
  virtual Outcome<void> sync_file(const std::string& name) = 0;
  virtual Outcome<std::uint64_t> file_size(const std::string& name) = 0;
  virtual Outcome<void> read_file(const std::string& name, std::uint64_t offset, MutableBytes into) = 0;
  virtual Outcome<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Outcome<void> remove(const std::string& name) = 0;
  virtual Outcome<void> sync_directory() = 0;
};

}  // namespace postern::slots
