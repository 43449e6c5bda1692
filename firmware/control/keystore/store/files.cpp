// Whole files: see the header.
#include "firmware/control/keystore/store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "platform/process/descriptor.hpp"

namespace postern::keystore {

namespace {

using process::Descriptor;

Fault refused(const std::string& what, const std::string& path) {
  return Fault{"cannot " + what + " " + path + ": " + std::strerror(errno)};
}

bool sync_directory(const std::string& directory) {
  const Descriptor open(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return open && ::fsync(open.get()) == 0;
}

bool write_all(int fd, Bytes content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<Secret, Fault> read_whole(const std::string& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat facts {};
  if (!file && errno == ENOENT) return Secret();
  if (!file || ::fstat(file.get(), &facts) != 0) return tl::unexpected(refused("read", path));
  if (!S_ISREG(facts.st_mode)) return fault(path + " is no file");
  if (static_cast<std::size_t>(facts.st_size) > most) return fault(path + " is larger than it can be");
  Secret content(static_cast<std::size_t>(facts.st_size));
  std::size_t have = 0;
  while (have < content.bytes().size()) {
    const auto got = ::read(file.get(), content.bytes().data() + have, content.bytes().size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(refused("read", path));
    if (got == 0) return fault(path + " became shorter while it was read");
    have += static_cast<std::size_t>(got);
  }
  return content;
}

Result<void, Fault> replace_file(const std::string& directory, const std::string& name, Bytes content) {
  const auto path = directory + "/" + name;
  const auto beside = path + ".new";
  ::unlink(beside.c_str());
  const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return tl::unexpected(refused("write", beside));
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0) {
    const auto why = refused("write", beside);
    ::unlink(beside.c_str());
    return tl::unexpected(why);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return tl::unexpected(refused("replace", path));
  if (!sync_directory(directory)) return tl::unexpected(refused("write", directory));
  return {};
}

Result<void, Fault> remove_file(const std::string& directory, const std::string& name) {
  const auto path = directory + "/" + name;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return tl::unexpected(refused("remove", path));
  if (!sync_directory(directory)) return tl::unexpected(refused("write", directory));
  return {};
}

}  // namespace postern::keystore
