#include "firmware/init/rescue.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <vector>

#include "firmware/init/prompt.hpp"
#include "firmware/init/system.hpp"
#include "platform/process/descriptor.hpp"
#include "platform/slots/names.hpp"

namespace postern::init {

namespace {

namespace fs = std::filesystem;
constexpr const char* kEsp = "/run/esp";
constexpr const char* kEntries = "/run/esp/EFI/Linux";
constexpr std::size_t kHead = 16 << 20;  // both LUKS2 headers and all key slots

std::vector<std::string> names() {
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(kEntries, failed))
    found.push_back(file.path().filename().string());
  return found;
}

Result<void, Fault> on_esp(const Disk& disk, const std::function<Result<void, Fault>()>& work) {
  if (auto done =
          mount({disk.devices.at("esp"), kEsp, "vfat", MS_NOSUID | MS_NODEV | MS_NOEXEC, "umask=077"});
      !done)
    return done;
  auto done = work();
  ::sync();
  (void)unmount(kEsp);
  return done;
}

std::string conditions(const Disk& disk) {
  std::string text;
  const auto done = on_esp(disk, [&]() -> Result<void, Fault> {
    const auto all = names();
    for (const auto slot : {slots::Slot::a, slots::Slot::b})
      text += std::string("  slot ") + slots::letter(slot) + ": " +
              slots::condition(slots::entry_of(slot, all)) + "\r\n";
    return {};
  });
  return done ? text : "  " + done.error().reason + "\r\n";
}

// The slot gets the highest number and all its tries.
Result<void, Fault> choose(const Disk& disk, slots::Slot slot) {
  return on_esp(disk, [&]() -> Result<void, Fault> {
    const auto all = names();
    const auto old = slots::entry_of(slot, all);
    if (!old) return fault("there is nothing in that slot");
    auto fresh = *old;
    fresh.number = slots::next_number(all);
    fresh.tries = slots::Tries{slots::kTries, 0};
    const auto from = std::string(kEntries) + "/" + slots::file_name(*old),
               to = std::string(kEntries) + "/" + slots::file_name(fresh);
    std::error_code failed;
    fs::rename(from, to, failed);
    if (failed) return fault("cannot rename " + from + ": " + failed.message());
    return {};
  });
}

Result<void, Fault> wipe_head(const std::string& path) {
  const process::Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (device.get() < 0) return fault(error_text("cannot open", path));
  const std::array<char, 65536> zeros{};
  for (std::size_t done = 0; done < kHead; done += zeros.size()) {
    if (::write(device.get(), zeros.data(), zeros.size()) != static_cast<ssize_t>(zeros.size()))
      return fault(error_text("cannot overwrite", path));
  }
  if (::fsync(device.get()) != 0) return fault(error_text("cannot sync", path));
  return {};
}

std::string outcome(const Result<void, Fault>& done) {
  return done ? "\r\nDone.\r\n" : "\r\n" + done.error().reason + "\r\n";
}

void show_menu(const Prompt& prompt, const Disk& disk) {
  prompt.show("\r\nPOSTERN RESCUE SYSTEM " POSTERN_VERSION ", disk " + disk.name + "\r\n" + conditions(disk) +
              "  a, b               start that slot next, with three tries\r\n"
              "  FORGET EVERYTHING  erase settings, mail and keys of this box\r\n"
              "  r                  start again\r\nrescue> ");
}

}  // namespace

Result<void, Fault> forget(const Disk& disk) {
  if (auto done = wipe_head(disk.devices.at("data")); !done) return done;
  return wipe_head(disk.devices.at("state"));
}

void rescue(const std::string& line, const Disk& disk, const std::function<void()>& between) {
  Prompt prompt(line);
  std::string typed;
  for (show_menu(prompt, disk);; between()) {
    if (!prompt.take(typed)) continue;
    if (typed == "r") return;
    if (typed == "a" || typed == "b")
      prompt.show(outcome(choose(disk, typed == "a" ? slots::Slot::a : slots::Slot::b)));
    if (typed == "FORGET EVERYTHING") prompt.show(outcome(forget(disk)));
    show_menu(prompt, disk);
  }
}

}  // namespace postern::init
