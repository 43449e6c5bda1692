// A lock file: see the header.
#include "platform/process/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace postern::process {

Result<Descriptor, Fault> take_lock(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fault("cannot open " + path + ": " + std::strerror(errno));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const auto got = ::read(file.get(), holder.data(), holder.size() - 1);
    std::string pid(holder.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    pid.resize(pid.find_last_not_of("\n ") + 1);
    return fault("process " + (pid.empty() ? "?" : pid) + " holds " + path);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0) {
    return fault("cannot write " + path + ": " + std::strerror(errno));
  }
  return file;
}

}  // namespace postern::process
