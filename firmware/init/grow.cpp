#include "firmware/init/grow.hpp"

#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

#include "firmware/init/gpt.hpp"
#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

constexpr std::uint64_t kSector = 512;

bool put(int disk, const std::vector<std::uint8_t>& bytes, std::uint64_t sector) {
  const auto wrote = ::pwrite(disk, bytes.data(), bytes.size(), static_cast<off_t>(sector * kSector));
  return wrote == static_cast<ssize_t>(bytes.size()) && ::fsync(disk) == 0;
}

// The kernel takes the new size without reading the table again, which it refuses while the disk is in use.
bool tell_kernel(int disk, const Grown& grown) {
  blkpg_partition part{};
  part.start = static_cast<long long>(grown.start * kSector);
  part.length = static_cast<long long>(grown.sectors * kSector);
  part.pno = static_cast<int>(grown.number);
  blkpg_ioctl_arg asked{};
  asked.op = BLKPG_RESIZE_PARTITION;
  asked.datalen = sizeof part;
  asked.data = &part;
  return ::ioctl(disk, BLKPG, &asked) == 0;
}

}  // namespace

Result<void, Fault> grow_data(const std::string& disk) {
  const std::string path = "/dev/" + disk;
  const process::Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) return fault(error_text("cannot open", path));
  std::uint64_t bytes = 0;
  int block = 0;
  if (::ioctl(file.get(), BLKGETSIZE64, &bytes) != 0 || ::ioctl(file.get(), BLKSSZGET, &block) != 0)
    return fault(error_text("cannot measure", path));
  if (block != kSector) return {};  // a table in other sectors: left as it is
  std::array<std::uint8_t, 34 * kSector> front{};
  if (::pread(file.get(), front.data(), front.size(), 0) != static_cast<ssize_t>(front.size()))
    return fault(error_text("cannot read", path));
  const auto grown = grow_last(front, bytes / kSector);
  if (!grown) return fault(grown.error().reason);
  if (!*grown || (*grown)->name != "data") return {};
  if (!put(file.get(), (*grown)->back, (*grown)->back_sector) || !put(file.get(), (*grown)->front, 0))
    return fault(error_text("cannot write the partition table of", path));
  if (!tell_kernel(file.get(), **grown)) return fault(error_text("the kernel does not take the new size of", path));
  say("data partition grown to " + std::to_string((*grown)->sectors / 2048) + " MB");
  return {};
}

}  // namespace postern::init
