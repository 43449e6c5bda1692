// One open segment file: created with its full size reserved, written, read, removed.
//
// Holds: after an error of the disk a file takes no more writes (the kernel may have dropped what it could
// not write, so a later success would prove nothing).
#pragma once

#include <cstdint>
#include <string>

#include "firmware/spool/disk.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::dataplane {

using DiskStatus = spool::DiskAnswer::Status;

// no_space for a full disk or quota, failed for everything else.
DiskStatus status_of(int error);

class SegmentFile {
 public:
  explicit SegmentFile(std::string path) : path_(std::move(path)) {}

  // Opens the file, and creates it where it is absent and `create_bytes` is not 0: with that much reserved if
  // the disk has it, else with what `end` needs. `created` says that its directory has to be made durable.
  DiskStatus open(std::uint64_t create_bytes, std::uint64_t end, bool& created);
  // Space for everything up to `end`.
  DiskStatus reserve(std::uint64_t end);
  // One order, wholly; for where the fast way failed.
  DiskStatus write(const spool::DiskOrder& order);
  DiskStatus sync();

  bool is_open() const { return static_cast<bool>(file_); }
  int fd() const { return file_.get(); }
  const std::string& path() const { return path_; }
  void spoil() { spoiled_ = true; }
  bool spoiled() const { return spoiled_; }

 private:
  DiskStatus allocate(std::uint64_t from, std::uint64_t to);

  std::string path_;
  process::Descriptor file_;
  std::uint64_t reserved_ = 0;  // bytes from the start that need no more space
  bool spoiled_ = false;
};

}  // namespace postern::dataplane
