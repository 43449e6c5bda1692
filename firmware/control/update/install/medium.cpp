// A bundle on a medium that somebody plugged in: see the header.
#include "firmware/control/update/install/medium.hpp"

#include <sys/mount.h>

#include <algorithm>

namespace postern::control::update {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kUsb = "usb";
constexpr const char* kBlocks = "/sys/class/block";

// The whole disk that a partition lies on; a disk's own name for itself.
std::string disk_of(const std::string& name) {
  std::error_code failed;
  const auto at = fs::canonical(fs::path(kBlocks) / name, failed);
  if (failed) return name;
  return fs::exists(at / "partition", failed) ? at.parent_path().filename().string() : name;
}

std::vector<std::string> foreign_disks(const fs::path& slots_folder) {
  std::error_code failed;
  const auto own = disk_of(fs::read_symlink(slots_folder / "esp.device", failed).filename().string());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kBlocks, failed)) {
    const auto name = entry.path().filename().string();
    const bool real = fs::exists(entry.path() / "device", failed) || fs::exists(entry.path() / "partition", failed);
    if (real && disk_of(name) != own) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> bundles_in(const fs::path& folder) {
  std::error_code failed;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".bundle" && entry.is_regular_file(failed))
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool names_medium(const std::string& source) {
  return source == kUsb || source.starts_with(std::string(kUsb) + ":");
}

slots::Outcome<std::string> choose_bundle(const std::vector<std::string>& names, const std::string& wanted) {
  if (!wanted.empty()) {
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
    return fault("there is no " + wanted + " on the medium");
  }
  if (names.size() == 1) return names.front();
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return fault(all.empty() ? "there is no file *.bundle on the medium" : "which bundle? usb:NAME, of " + all);
}

slots::Outcome<std::unique_ptr<Medium>> Medium::find(const fs::path& slots_folder, const std::string& source) {
  const auto wanted = source.size() > kUsb.size() ? source.substr(kUsb.size() + 1) : "";
  const auto place = slots_folder / "medium";
  std::error_code ignored;
  fs::create_directories(place, ignored);
  auto why = fault("no medium with a FAT file system is plugged in");
  for (const auto& name : foreign_disks(slots_folder)) {
    constexpr unsigned long kFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (::mount(("/dev/" + name).c_str(), place.c_str(), "vfat", kFlags, "umask=0077") != 0) continue;
    std::unique_ptr<Medium> medium(new Medium(place));
    const auto chosen = choose_bundle(bundles_in(place), wanted);
    if (chosen) {
      medium->bundle_ = (place / *chosen).string();
      return medium;
    }
    why = fault(chosen.error().reason);
  }
  return why;
}

Medium::~Medium() {
  ::umount2(place_.c_str(), MNT_DETACH);
}

}  // namespace postern::control::update
