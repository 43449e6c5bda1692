// Generations as files: see the header.
#include "firmware/control/store/disk_archive.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "firmware/ipc/settings_snapshot.hpp"
#include "firmware/ipc/settings_value.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::control {

namespace {

using process::Descriptor;

constexpr std::string_view kFront = "generation-";
constexpr std::size_t kDigits = 10;

tl::unexpected<Fault> failed(const std::string& what, const std::string& path) {
  return fault("cannot " + what + " " + path + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto done = ::write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

// The name of a file is durable only when its directory is.
bool sync_directory(const std::string& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened && ::fsync(opened.get()) == 0;
}

Result<std::string, Fault> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return failed("read", path);
  if (!S_ISREG(facts.st_mode)) return fault(path + " is no file");
  if (static_cast<std::size_t>(facts.st_size) > ipc::kMostSnapshotBytes) return fault("is too large");
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const auto got = ::read(file.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

}  // namespace

Result<DiskArchive, Fault> DiskArchive::create(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fault("cannot make " + directory + ": " + error.message());
  if (::chmod(directory.c_str(), 0700) != 0) return failed("close to others", directory);
  return DiskArchive(std::filesystem::absolute(directory).string());
}

std::string DiskArchive::path(std::uint64_t number) const {
  if (number == kRescue) return directory_ + "/rescue";
  auto digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return directory_ + "/" + std::string(kFront) + digits;
}

std::vector<std::uint64_t> DiskArchive::numbers() {
  std::vector<std::uint64_t> all;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with(kFront)) continue;
    const auto number = ipc::read_integer(std::string_view(name).substr(kFront.size()));
    if (number && *number != kRescue) all.push_back(*number);
  }
  std::sort(all.begin(), all.end());
  return all;
}

Result<Generation, Fault> DiskArchive::read(std::uint64_t number) {
  const auto text = read_file(path(number));
  if (!text) return tl::unexpected(text.error());
  return read_generation(*text);
}

Result<void, Fault> DiskArchive::write(std::uint64_t number, const Generation& generation) {
  const auto beside = directory_ + "/.new";
  const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed("write", beside);
  if (!write_all(file.get(), write_generation(generation)) || ::fsync(file.get()) != 0) {
    auto wrong = failed("write", beside);
    ::unlink(beside.c_str());
    return wrong;
  }
  if (::rename(beside.c_str(), path(number).c_str()) != 0) return failed("rename", beside);
  if (!sync_directory(directory_)) return failed("sync", directory_);
  return {};
}

void DiskArchive::remove(std::uint64_t number) {
  ::unlink(path(number).c_str());
}

void DiskArchive::set_aside(std::uint64_t number) {
  const auto aside = directory_ + "/damaged-" + std::to_string(number);
  ::rename(path(number).c_str(), aside.c_str());
  sync_directory(directory_);
}

}  // namespace postern::control
