#include "firmware/init/entry.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::init {

namespace {

constexpr const char* kEsp = "/run/esp";
constexpr std::string_view kLoader = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

Result<bool, Fault> rename_within(const std::string& directory, const slots::Entry& entry,
                                  std::uint32_t left) {
  auto counted = entry, good = entry;
  counted.tries = slots::Tries{left, slots::kTries - left};
  good.tries.reset();
  const auto from = directory + "/" + slots::file_name(good),
             to = directory + "/" + slots::file_name(counted);
  if (::access(from.c_str(), F_OK) != 0) return false;
  if (std::rename(from.c_str(), to.c_str()) != 0) return fault(error_text("cannot rename to", to));
  const process::Descriptor synced(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (synced.get() < 0 || ::syncfs(synced.get()) != 0) return fault(error_text("cannot sync", directory));
  return true;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string loader_variable(std::string_view name) {
  const auto raw = read_file("/sys/firmware/efi/efivars/" + std::string(name) + std::string(kLoader), 4096);
  if (!raw) return {};
  std::string text;
  // Four bytes of attributes, then UTF-16.
  for (std::size_t i = 4; i + 1 < raw->size() && ((*raw)[i] != 0 || (*raw)[i + 1] != 0); i += 2)
    text += (*raw)[i];
  return text;
}

Result<bool, Fault> give_counter(const std::string& esp_device, const slots::Entry& entry,
                                 std::uint32_t left) {
  if (auto done = mount({esp_device, kEsp, "vfat", MS_NOSUID | MS_NODEV | MS_NOEXEC, "umask=077"}); !done)
    return fault(done.error().reason);
  auto renamed = rename_within(std::string(kEsp) + "/EFI/Linux", entry, left);
  if (auto done = unmount(kEsp); !done && renamed) return fault(done.error().reason);
  return renamed;
}

Result<void, Fault> make_slots_folder(const std::string& board) {
  namespace fs = std::filesystem;
  const std::string folder = "/run/postern/slots";
  std::error_code failed;
  fs::create_directories(folder + "/esp", failed);
  fs::create_directories("/state/slots", failed);
  for (const auto& [name, target] :
       {std::pair<std::string, std::string>{"esp.device", environment("POSTERN_PARTITION_esp")},
        {"root-a", environment("POSTERN_PARTITION_root-a")},
        {"root-b", environment("POSTERN_PARTITION_root-b")},
        {"state", "/state/slots"},
        {"keys", "/usr/share/postern/update-keys"}}) {
    fs::create_symlink(target, folder + "/" + name, failed);
    if (failed) return fault("cannot make " + folder + "/" + name + ": " + failed.message());
  }
  if (auto done = write_file(folder + "/entry", environment("POSTERN_ENTRY") + "\n"); !done) return done;
  return write_file(folder + "/board", board + "\n");
}

}  // namespace postern::init
