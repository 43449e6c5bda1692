// Segment files.
#include "firmware/dataplane/spool_writer/segment_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace postern::dataplane {

DiskStatus status_of(int error) {
  return error == ENOSPC || error == EDQUOT ? DiskStatus::no_space : DiskStatus::failed;
}

DiskStatus SegmentFile::open(std::uint64_t create_bytes, std::uint64_t end, bool& created) {
  created = false;
  if (file_) return DiskStatus::ok;
  file_.reset(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (file_) {
    struct stat facts {};
    if (::fstat(fd(), &facts) == 0) reserved_ = static_cast<std::uint64_t>(facts.st_size);
    return DiskStatus::ok;
  }
  if (errno != ENOENT || create_bytes == 0) return DiskStatus::failed;
  file_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_) return status_of(errno);
  created = true;
  auto status = allocate(0, create_bytes);
  if (status == DiskStatus::no_space) status = allocate(0, end);
  if (status == DiskStatus::ok) return status;
  ::unlink(path_.c_str());
  file_.reset();
  return status;
}

DiskStatus SegmentFile::reserve(std::uint64_t end) {
  return end <= reserved_ ? DiskStatus::ok : allocate(reserved_, end);
}

// A file system that cannot reserve says so; then writes find out by themselves.
DiskStatus SegmentFile::allocate(std::uint64_t from, std::uint64_t to) {
  while (::fallocate(fd(), 0, static_cast<off_t>(from), static_cast<off_t>(to - from)) != 0) {
    if (errno == EINTR) continue;
    if (errno == EOPNOTSUPP || errno == ENOSYS) break;
    return status_of(errno);
  }
  reserved_ = to;
  return DiskStatus::ok;
}

DiskStatus SegmentFile::write(const spool::DiskOrder& order) {
  for (std::uint32_t done = 0; done < order.length;) {
    const auto wrote =
        ::pwrite(fd(), order.data + done, order.length - done, static_cast<off_t>(order.offset + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return status_of(errno);
    if (wrote == 0) return DiskStatus::failed;
    done += static_cast<std::uint32_t>(wrote);
  }
  return DiskStatus::ok;
}

DiskStatus SegmentFile::sync() {
  while (::fdatasync(fd()) != 0) {
    if (errno != EINTR) return status_of(errno);
  }
  return DiskStatus::ok;
}

}  // namespace postern::dataplane
