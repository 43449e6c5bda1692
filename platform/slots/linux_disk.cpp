// A Disk of block devices and a mounted ESP: see the header.
#include "platform/slots/linux_disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace postern::slots {
namespace {

using std::filesystem::path;

tl::unexpected<Fault> failed(const std::string& what) {
  return fault("cannot " + what + ": " + std::strerror(errno));
}

Outcome<void> write_all(int fd, Bytes bytes, std::uint64_t offset, const std::string& what) {
  while (!bytes.empty()) {
    const auto done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return failed("write " + what);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

Outcome<void> read_all(int fd, MutableBytes into, std::uint64_t offset, const std::string& what) {
  while (!into.empty()) {
    const auto got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) return fault("cannot read " + what + ": it ends too early");
    if (got < 0) return failed("read " + what);
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

// Written pages are dropped, so that reading them again asks the device and not our own memory of it.
Outcome<void> sync_and_forget(int fd, const std::string& what) {
  if (::fsync(fd) != 0) return failed("sync " + what);
  struct stat facts {};
  if (::fstat(fd, &facts) == 0 && S_ISBLK(facts.st_mode)) ::ioctl(fd, BLKFLSBUF, 0);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  return {};
}

class LinuxDisk : public Disk {
 public:
  explicit LinuxDisk(path folder) : folder_(std::move(folder)) {}
  ~LinuxDisk() override {
    if (mounted_) ::umount2((folder_ / "esp").c_str(), 0);
  }
  LinuxDisk(const LinuxDisk&) = delete;
  LinuxDisk& operator=(const LinuxDisk&) = delete;

  Outcome<void> mount() {
    const auto device = folder_ / "esp.device";
    std::error_code error;
    if (std::filesystem::exists(device, error)) {
      const auto flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
      if (::mount(device.c_str(), (folder_ / "esp").c_str(), "vfat", flags, "umask=0077") != 0)
        return failed("mount " + device.string());
      mounted_ = true;
    }
    if (!std::filesystem::is_directory(kernels(), error))
      return fault(kernels().string() + " is not there: is this a box with two slots?");
    return {};
  }

  Outcome<std::uint64_t> root_size(Slot slot) override {
    const auto fd = root(slot);
    if (!fd) return tl::unexpected(fd.error());
    const auto end = ::lseek(*fd, 0, SEEK_END);
    if (end < 0) return failed("measure " + root_path(slot).string());
    return static_cast<std::uint64_t>(end);
  }
  Outcome<void> write_root(Slot slot, std::uint64_t offset, Bytes bytes) override {
    const auto fd = root(slot);
    if (!fd) return tl::unexpected(fd.error());
    return write_all(*fd, bytes, offset, root_path(slot).string());
  }
  Outcome<void> sync_root(Slot slot) override {
    const auto fd = root(slot);
    if (!fd) return tl::unexpected(fd.error());
    return sync_and_forget(*fd, root_path(slot).string());
  }
  Outcome<void> read_root(Slot slot, std::uint64_t offset, MutableBytes into) override {
    const process::Descriptor file(::open(root_path(slot).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed("open " + root_path(slot).string());
    return read_all(file.get(), into, offset, root_path(slot).string());
  }

  Outcome<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(kernels(), error))
      names.push_back(entry.path().filename().string());
    if (error) return fault("cannot list " + kernels().string() + ": " + error.message());
    return names;
  }
  Outcome<void> create(const std::string& name) override {
    const process::Descriptor file(::open(at(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return failed("make " + at(name).string());
    return {};
  }
  Outcome<void> append(const std::string& name, Bytes bytes) override {
    const process::Descriptor file(::open(at(name).c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return failed("write " + at(name).string());
    const auto end = ::lseek(file.get(), 0, SEEK_END);
    return write_all(file.get(), bytes, static_cast<std::uint64_t>(end), at(name).string());
  }
  Outcome<void> sync_file(const std::string& name) override {
    const process::Descriptor file(::open(at(name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed("open " + at(name).string());
    return sync_and_forget(file.get(), at(name).string());
  }
  Outcome<std::uint64_t> file_size(const std::string& name) override {
    std::error_code error;
    const auto size = std::filesystem::file_size(at(name), error);
    if (error) return fault("cannot measure " + at(name).string() + ": " + error.message());
    return size;
  }
  Outcome<void> read_file(const std::string& name, std::uint64_t offset, MutableBytes into) override {
    const process::Descriptor file(::open(at(name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed("open " + at(name).string());
    return read_all(file.get(), into, offset, at(name).string());
  }
  Outcome<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(at(from).c_str(), at(to).c_str()) != 0) return failed("rename " + at(from).string());
    return {};
  }
  Outcome<void> remove(const std::string& name) override {
    if (::unlink(at(name).c_str()) != 0 && errno != ENOENT) return failed("remove " + at(name).string());
    return {};
  }
  Outcome<void> sync_directory() override {
    const process::Descriptor folder(::open(kernels().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // syncfs besides: FAT keeps its table of clusters apart from the directory.
    if (!folder || ::fsync(folder.get()) != 0 || ::syncfs(folder.get()) != 0)
      return failed("sync " + kernels().string());
    return {};
  }

 private:
  path kernels() const { return folder_ / "esp" / "EFI" / "Linux"; }
  path at(const std::string& name) const { return kernels() / name; }
  path root_path(Slot slot) const { return folder_ / (std::string("root-") + letter(slot)); }

  Outcome<int> root(Slot slot) {
    auto& fd = roots_[static_cast<std::size_t>(slot)];
    if (!fd) fd.reset(::open(root_path(slot).c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) return failed("open " + root_path(slot).string());
    return fd.get();
  }

  path folder_;
  std::array<process::Descriptor, 2> roots_;
  bool mounted_ = false;
};

}  // namespace

Outcome<std::unique_ptr<Disk>> open_disk(const path& folder) {
  auto disk = std::make_unique<LinuxDisk>(folder);
  if (auto mounted = disk->mount(); !mounted) return tl::unexpected(mounted.error());
  return disk;
}

}  // namespace postern::slots
